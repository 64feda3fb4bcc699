namespace QSim.Simulator.Arrays;

/// <summary>Numbers of 16 bits that NumPy has no type for.</summary>
internal static class Bfloat16
{
    /// <summary>The same as float32: sign, exponent and first bits.</summary>
    /// <param name="halves">Little-endian, as files of PyTorch's and safetensors have them.</param>
    public static byte[] Widened(ReadOnlySpan<byte> halves)
    {
        byte[] wide = new byte[halves.Length * 2];
        for (int i = 0; i < halves.Length; i++) wide[(i / 2 * 4) + 2 + (i % 2)] = halves[i];
        return wide;
    }
}
