using System.Numerics;
using QSim.Kernels.Arithmetic;

namespace QSim.Attacks;

/// <summary>
/// What random numbers are for; draws for different purposes never share a counter.
/// </summary>
public enum RandomPurpose
{
    /// <summary>Initial parameters; the stream is the layer, the substream the array.</summary>
    Initialization = 1,

    /// <summary>Order of the training images; the stream is the epoch.</summary>
    Shuffle = 2,

    /// <summary>
    /// Where an attack starts; the stream is the image, the substream the restart.
    /// </summary>
    AttackStart = 3,

    /// <summary>
    /// Choices during an attack; the stream is the image, the substream the restart.
    /// </summary>
    AttackStep = 4,

    /// <summary>Which images a bootstrap sample holds; the stream is the sample.</summary>
    Resample = 5,

    /// <summary>Where adversarial training starts; the stream is the epoch and the image.</summary>
    TrainingAttack = 6,

    /// <summary>
    /// Pixels that a coordinate search tries; the stream is the image, the substream the restart.
    /// </summary>
    CoordinateSearch = 7,

    /// <summary>Designs that a search tries; the stream is the generation.</summary>
    Search = 8,
}

/// <summary>
/// A stream of random numbers named by (seed, purpose, stream, substream): the same draws in any
/// process, on any thread, in any batch. A value of Philox4x32-10 per four draws.
/// </summary>
public struct KeyedRandom
{
    private readonly ulong _key;
    private readonly uint _purpose;
    private readonly uint _stream;
    private readonly uint _substream;
    private UInt4 _words;
    private uint _drawn;

    /// <summary>The start of a stream.</summary>
    public KeyedRandom(ulong seed, RandomPurpose purpose, long stream, int substream = 0)
    {
        // Streams past 2^32 fold into the purpose's word, which has bits to spare.
        _key = seed;
        _purpose = (uint)purpose | ((uint)(stream >> 32) << 8);
        _stream = (uint)stream;
        _substream = (uint)substream;
    }

    /// <summary>32 uniform bits.</summary>
    public uint NextBits()
    {
        uint lane = _drawn & 3;
        if (lane == 0)
            _words = Philox.Generate(_key, new(_drawn >> 2, _purpose, _stream, _substream));
        _drawn++;
        return lane switch { 0 => _words.X, 1 => _words.Y, 2 => _words.Z, _ => _words.W };
    }

    /// <summary>Uniform in [0, 1), a multiple of 2^-24.</summary>
    public float NextFloat() => Unit(NextBits());

    /// <summary>Uniform in [low, high] (the ends as float arithmetic has them).</summary>
    public float NextFloat(float low, float high) => low + ((high - low) * NextFloat());

    /// <summary>The same for every value, in order.</summary>
    public void NextFloats(float low, float high, Span<float> values)
    {
        // Blocks of four that nothing was drawn from yet are made many at a time.
        int i = 0;
        for (; (_drawn & 3) != 0 && i < values.Length; i++) values[i] = NextFloat(low, high);
        Span<uint> words = stackalloc uint[64];
        while (values.Length - i >= 4)
        {
            int count = Math.Min(words.Length, (values.Length - i) & ~3);
            PhiloxBlocks.Generate(
                _key, new(_drawn >> 2, _purpose, _stream, _substream), words[..count]);
            _drawn += (uint)count;
            Scale(words[..count], low, high, values[i..]);
            i += count;
        }

        for (; i < values.Length; i++) values[i] = NextFloat(low, high);
    }

    /// <summary>Uniform in 0..bound-1, without bias.</summary>
    public int NextBelow(int bound)
    {
        uint limit = (uint)((1ul << 32) % (uint)bound);
        while (true)
        {
            ulong product = (ulong)NextBits() * (uint)bound;
            if ((uint)product >= limit) return (int)(product >> 32);
        }
    }

    /// <summary>Standard normal, by Box and Muller's transform in double.</summary>
    public float NextNormal()
    {
        double radius = Math.Sqrt(-2 * Math.Log((NextBits() + 1.0) / (1ul << 32)));
        return (float)(radius * Math.Cos(2 * Math.PI * NextBits() / (1ul << 32)));
    }

    /// <summary>-1 or 1.</summary>
    public int NextSign() => (NextBits() >> 31) == 0 ? 1 : -1;

    private static void Scale(ReadOnlySpan<uint> words, float low, float high, Span<float> values)
    {
        int i = 0;
        for (; i <= words.Length - Vector<uint>.Count; i += Vector<uint>.Count)
        {
            Vector<int> steps = Vector.AsVectorInt32(new Vector<uint>(words[i..]) >> 8);
            Vector<float> unit = Vector.ConvertToSingle(steps) * new Vector<float>(1f / (1 << 24));
            (new Vector<float>(low) + (new Vector<float>(high - low) * unit)).CopyTo(values[i..]);
        }

        for (; i < words.Length; i++) values[i] = low + ((high - low) * Unit(words[i]));
    }

    private static float Unit(uint bits) => (bits >> 8) * (1f / (1 << 24));
}
