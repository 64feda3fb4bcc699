using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using QSim.Attacks.Evaluation.Checks;
using QSim.Runner.Output;
using QSim.Runner.Studies.Cells;

namespace QSim.Runner.Studies;

/// <summary>Images that were made once to be judged by many, as they lie in the cache.</summary>
/// <param name="Evidence">What making them took.</param>
/// <param name="Pixels">The images, one after another.</param>
internal sealed record SharedImages(AttackEvidence Evidence, float[] Pixels)
{
    /// <summary>
    /// The length of the evidence as int32, the evidence as JSON, the pixels as float32;
    /// little-endian.
    /// </summary>
    public byte[] ToBytes()
    {
        byte[] evidence = Encoding.UTF8.GetBytes(Json.LineOf(Evidence)),
            length = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, evidence.Length);
        return [.. length, .. evidence, .. MemoryMarshal.AsBytes(Pixels.AsSpan())];
    }

    /// <summary>
    /// What <see cref="ToBytes"/> wrote; null where it is something else, though it has the
    /// checksum of a cache that somebody else filled.
    /// </summary>
    /// <param name="bytes">The content of the cache.</param>
    /// <param name="count">Images.</param>
    /// <param name="pixels">Pixels of all of them.</param>
    public static SharedImages? Parse(ReadOnlySpan<byte> bytes, int count, int pixels)
    {
        long length = bytes.Length - sizeof(int) - (sizeof(float) * (long)pixels);
        if (length < 0 || BinaryPrimitives.ReadInt32LittleEndian(bytes) != length) return null;
        ReadOnlySpan<byte> rest = bytes[sizeof(int)..];
        ReadOnlySpan<float> images = MemoryMarshal.Cast<byte, float>(rest[(int)length..]);
        if (images.ContainsAnyExceptInRange(0f, 1f)) return null;
        try
        {
            var evidence = Json.Parse<AttackEvidence>(rest[..(int)length]);
            return CellChecks.WhyNot(evidence, count) is null
                ? new(evidence, images.ToArray())
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
