using System.Globalization;

namespace QSim.CudaDriver.Driver;

/// <summary>
/// The card that this driver says it has: the H200 that bench/results measured, with less memory.
/// <c>QSIM_CUDA_CAPABILITY</c> makes it older, <c>7.0</c> say.
/// </summary>
internal static class CardFacts
{
    /// <summary>What programs show.</summary>
    public const string Name = "no card: PTX interpreted";

    /// <summary>As NVIDIA counts: CUDA 13.0.</summary>
    public const int DriverVersion = 13000;

    /// <summary>
    /// Bytes, so few that programs meet the end of them; <c>QSIM_CUDA_MEMORY</c> says how many MiB.
    /// </summary>
    public static readonly long Memory = (long)(ReadNumber("QSIM_CUDA_MEMORY", 2048) * (1 << 20));

    /// <summary>Of one group.</summary>
    public const int MostThreads = 1024;

    /// <summary>Bytes of one group that need not be asked for.</summary>
    public const int SharedMemory = 48 << 10;

    /// <summary>Multiprocessors, which launches are divided for.</summary>
    public const int Multiprocessors = 132;

    /// <summary>
    /// Whether kernels and copies of pinned memory are taken and forgotten, as on a card that needs
    /// no time, and memory holds zeros (<c>QSIM_CUDA_SKIP=1</c>): the time that is left is the
    /// host's.
    /// </summary>
    public static readonly bool Skips =
        Environment.GetEnvironmentVariable("QSIM_CUDA_SKIP") == "1";

    /// <summary>
    /// Whether threads that use a place of device memory at once end the kernel
    /// (<c>QSIM_CUDA_RACES=1</c>): slow, and 33 times the memory.
    /// </summary>
    public static readonly bool WatchesRaces =
        Environment.GetEnvironmentVariable("QSIM_CUDA_RACES") == "1";

    /// <summary>
    /// Whether work of one stream ends where another's may use its memory at the same time
    /// (<c>QSIM_CUDA_STREAMS=1</c>): three times the memory.
    /// </summary>
    public static readonly bool WatchesStreams =
        Environment.GetEnvironmentVariable("QSIM_CUDA_STREAMS") == "1";

    /// <summary>
    /// Whether it is counted what kernels do, for who asks (<c>QSIM_CUDA_WORK=1</c>): three times
    /// the memory.
    /// </summary>
    public static readonly bool CountsWork =
        Environment.GetEnvironmentVariable("QSIM_CUDA_WORK") == "1";

    private static readonly (int Major, int Minor) Capability = ReadCapability();

    /// <summary>The newest target that it runs: 90 for <c>sm_90</c>.</summary>
    public static int Target => (Capability.Major * 10) + Capability.Minor;

    /// <summary>By CUDA's number; 0 for what nobody here asks.</summary>
    public static int Attribute(int number) => number switch
    {
        1 or 2 or 3 => MostThreads,
        4 => 64,
        5 => int.MaxValue,
        6 or 7 => 65535,
        8 => SharedMemory,
        9 => 64 << 10,
        10 => Machine.Launch.Warp,
        11 => int.MaxValue,
        12 or 82 => 64 << 10,
        13 => 1_980_000,
        16 => Multiprocessors,
        19 or 40 or 83 or 90 or 91 => 1,
        36 => 3_201_000,
        37 => 6144,
        38 => 60 << 20,
        39 => 2048,
        75 => Capability.Major,
        76 => Capability.Minor,
        81 => 228 << 10,
        _ => 0,
    };

    private static (int Major, int Minor) ReadCapability()
    {
        string asked = Environment.GetEnvironmentVariable("QSIM_CUDA_CAPABILITY") ?? "9.0";
        if (asked.Split('.') is [var first, var second]
            && int.TryParse(first, out int major) && int.TryParse(second, out int minor))
            return (major, minor);

        return Refuse<(int, int)>("QSIM_CUDA_CAPABILITY", asked, "9.0");
    }

    private static double ReadNumber(string name, double usual) =>
        Environment.GetEnvironmentVariable(name) is not { Length: > 0 } asked ? usual
        : double.TryParse(asked, CultureInfo.InvariantCulture, out double number) && number > 0
            ? number
        : Refuse<double>(name, asked, "0.5");

    /// <summary>
    /// Nobody above could catch anything: a driver's caller is not of .NET's making.
    /// </summary>
    private static T Refuse<T>(string name, string asked, string example)
    {
        Console.Error.WriteLine(
            $"libcuda: {name} is '{asked}' (a number such as {example} expected)");
        Environment.Exit(2);
        return default!;
    }
}
