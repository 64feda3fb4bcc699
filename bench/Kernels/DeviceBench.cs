using QSim.Kernels.Backends;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Bench;

/// <summary>
/// Devices against the CPU: whole networks in images per second, each program on images that are
/// resident on the device and on images that are not, and the exact product's multiply-adds.
/// </summary>
internal static class DeviceBench
{
    /// <summary>
    /// An exact, a wrapping, a saturating (rarely, often) and a sequential rounding accumulator.
    /// </summary>
    private static readonly string[] Arithmetics =
        ["exact32", "wrap16", "sat-rare", "sat16", "rnd-conv-every"];

    /// <summary>Measures one device, or says why not.</summary>
    /// <param name="device">Its name, as <c>qsim backends</c> lists it.</param>
    /// <param name="networks">Networks.</param>
    /// <param name="arithmetic">The only arithmetic to measure; none for those above.</param>
    /// <param name="images">Images per run.</param>
    /// <param name="seconds">How long to try each.</param>
    /// <param name="kernels">Whether to measure products and layers by themselves, too.</param>
    public static int Run(
        IBackend? device, IEnumerable<NetworkShape> networks, string arithmetic, int images,
        double seconds, bool kernels)
    {
        if (device is null || device.WhyUnavailable is not null)
        {
            Console.WriteLine($"not taken: {device?.WhyUnavailable ?? "there is no such backend"}");
            return 2;
        }

        IBackend simd = BackendList.Find("simd")!;
        Console.WriteLine($"Device: {device.Name}, {device.Description}");
        Console.WriteLine($"CPU: {simd.Description}, {Environment.ProcessorCount} threads");
        Console.WriteLine($"{images} images per run; best of {seconds} s");
        Console.WriteLine();
        Console.WriteLine(
            "| network | arithmetic | MACs/image | device, images/s | resident, images/s | device, "
                + "GMAC/s | SIMD, images/s | device / SIMD |");
        Console.WriteLine("|---|---|--:|--:|--:|--:|--:|--:|");
        foreach (NetworkShape network in networks)
            foreach (BenchArithmetic one in BenchArithmetic.All.Where(a =>
                arithmetic == "" ? Arithmetics.Contains(a.Name) : a.Name == arithmetic))
                Row(device, simd, network, one, images, seconds);
#if ILGPU
        if (!kernels) return 0;
        Ilgpu.ProductBench.Print(device, seconds);
        Ilgpu.LayerBench.Print(device, seconds);
#endif
        return 0;
    }

    /// <summary>
    /// A backend by name; <c>pocl</c> is PoCL, which QSim itself does not list as usable.
    /// </summary>
    public static IBackend? Find(string name) =>
#if ILGPU
        name == "pocl" ? Ilgpu.PoclDevice.Find() :
#endif
        BackendList.Find(name) ?? BackendList.Find(name.Split(':')[0]);

    private static void Row(
        IBackend device, IBackend simd, NetworkShape network, BenchArithmetic arithmetic,
        int images, double seconds)
    {
        QuantizedProgram program = BenchProgram.Build(network, arithmetic);
        long macs = BenchProgram.Macs(program);
        if (device.WhyNot(program) is { } reason)
        {
            Console.WriteLine(
                $"| {network.Name} | {arithmetic.Name} | {macs} | {reason} | | | | |");
            return;
        }

        double own = Timing.SecondsPerImage(device, program, images, 0, seconds);
        double resident = Timing.ResidentSecondsPerImage(device, program, images, seconds);
        double cpu = Timing.SecondsPerImage(simd, program, images, 0, seconds);
        Console.WriteLine(
            $"| {network.Name} | {arithmetic.Name} | {macs} | {1 / own:F0} | {1 / resident:F0} " +
            $"| {macs / resident / 1e9:F1} | {1 / cpu:F0} | {cpu / resident:F2} |");
    }
}
