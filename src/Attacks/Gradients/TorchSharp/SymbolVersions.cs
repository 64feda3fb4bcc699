using System.Buffers.Binary;
using System.Text;

namespace QSim.Attacks.Gradients.TorchSharp;

/// <summary>
/// Versions that a shared library for Linux asks of the libraries it needs. The loader refuses a
/// library whose needs name a version that its system lacks, even where no function of that version
/// is ever called; one marked weak it lets pass (System V gABI and glibc: VER_FLG_WEAK).
/// </summary>
internal static class SymbolVersions
{
    private const int VersionNeeds = 0x6ffffffe;
    private const int SectionEntrySize = 64;
    private const ushort Weak = 2;

    /// <summary>Marks one version as weak wherever a library asks for it.</summary>
    /// <param name="library">A 64-bit little-endian ELF file; changed in place.</param>
    /// <param name="version">The version's name, like <c>GLIBCXX_3.4.32</c>.</param>
    /// <returns>How many needs were marked; 0 for a file that names no such version.</returns>
    public static int Weaken(byte[] library, string version)
    {
        Span<byte> file = library;
        if (file.Length < SectionEntrySize || !file[..6].SequenceEqual("\u007fELF\u0002\u0001"u8))
            return 0;
        long sections = BinaryPrimitives.ReadInt64LittleEndian(file[0x28..]);
        int count = BinaryPrimitives.ReadUInt16LittleEndian(file[0x3C..]);
        int marked = 0;
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> section = Section(file, sections, i);
            if (BinaryPrimitives.ReadInt32LittleEndian(section[4..]) != VersionNeeds) continue;
            int names = BinaryPrimitives.ReadInt32LittleEndian(section[0x28..]);
            int namesAt = Offset(Section(file, sections, names));
            marked += WeakenNeeds(
                file, Offset(section), namesAt, Encoding.ASCII.GetBytes(version + '\0'));
        }

        return marked;
    }

    private static ReadOnlySpan<byte> Section(Span<byte> file, long sections, int index) =>
        file.Slice((int)sections + (index * SectionEntrySize), SectionEntrySize);

    private static int Offset(ReadOnlySpan<byte> section) =>
        (int)BinaryPrimitives.ReadInt64LittleEndian(section[0x18..]);

    /// <summary>
    /// A list of libraries (Elf64_Verneed), each with a list of versions (Elf64_Vernaux).
    /// </summary>
    private static int WeakenNeeds(Span<byte> file, int need, int names, byte[] version)
    {
        int marked = 0;
        while (true)
        {
            int versions = BinaryPrimitives.ReadUInt16LittleEndian(file[(need + 2)..]);
            int entry = need + BinaryPrimitives.ReadInt32LittleEndian(file[(need + 8)..]);
            for (int i = 0; i < versions; i++)
            {
                int name = names + BinaryPrimitives.ReadInt32LittleEndian(file[(entry + 8)..]);
                if (file[name..].StartsWith(version))
                {
                    BinaryPrimitives.WriteUInt16LittleEndian(file[(entry + 4)..], Weak);
                    marked++;
                }

                entry += BinaryPrimitives.ReadInt32LittleEndian(file[(entry + 12)..]);
            }

            int next = BinaryPrimitives.ReadInt32LittleEndian(file[(need + 12)..]);
            if (next == 0) return marked;
            need += next;
        }
    }
}
