using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using QSim.Attacks.Evaluation.Checks;
using QSim.Runner.Output;

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

    /// <summary>What <see cref="ToBytes"/> wrote.</summary>
    public static SharedImages Parse(ReadOnlySpan<byte> bytes)
    {
        int length = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        ReadOnlySpan<byte> rest = bytes[sizeof(int)..];
        return new(
            Json.Parse<AttackEvidence>(rest[..length]),
            MemoryMarshal.Cast<byte, float>(rest[length..]).ToArray());
    }
}
