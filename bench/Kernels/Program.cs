using System.Globalization;
using QSim.Kernels.Backends;
using QSim.Kernels.Backends.Reference;
using QSim.Kernels.Backends.Simd;
using QSim.Kernels.Bench;
using QSim.Kernels.Datapath;

// Usage: qsim-bench-kernels [--device NAME] [--network NAME] [--arithmetic NAME] [--seconds S] [--images N] [--shapes FILE]
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
string shapes = Option("--shapes", Path.Combine(AppContext.BaseDirectory, "shapes.txt"));
double seconds = double.Parse(Option("--seconds", "1.5"));
int images = int.Parse(Option("--images", "256"));
string onlyNetwork = Option("--network", ""), onlyArithmetic = Option("--arithmetic", "");
NetworkShape[] networks =
    [.. ShapeFile.Read(shapes).Where(n => onlyNetwork == "" || onlyNetwork.Split(',').Contains(n.Name))];
if (Option("--device", "") is { Length: > 0 } device)
    return DeviceBench.Run(DeviceBench.Find(device), networks, images, seconds);

(double rate, string instruction) = MultiplyAddRate.Measure();
double slowest = rate, fastest = rate;
Console.WriteLine($"Multiply-add rate of one core, registers only: {rate / 1e9:F1} G/s ({instruction})");
Console.WriteLine($"Backend: {new SimdBackend().Description}; {images} images per run; best of {seconds} s");
Console.WriteLine();
Console.WriteLine(
    "| network | arithmetic | MACs/image | us/image, 1 thread | of the rate | time / exact32 | 2 threads "
    + "| x reference | overflowed |");
Console.WriteLine("|---|---|--:|--:|--:|--:|--:|--:|--:|");
IBackend simd = new SimdBackend(), reference = new ReferenceBackend();
foreach (NetworkShape network in networks)
{
    // Measured again beside each network, so that a ratio never mixes clocks.
    (rate, _) = MultiplyAddRate.Measure();
    (slowest, fastest) = (Math.Min(slowest, rate), Math.Max(fastest, rate));
    double exact = double.NaN;
    foreach (BenchArithmetic arithmetic in BenchArithmetic.All)
    {
        if (onlyArithmetic != "" && arithmetic.Name != onlyArithmetic && arithmetic.Name != "exact32") continue;
        QuantizedProgram program = BenchProgram.Build(network, arithmetic);
        long macs = BenchProgram.Macs(program);
        double one = Timing.SecondsPerImage(simd, program, images, 1, seconds);
        double two = Timing.SecondsPerImage(simd, program, images, 2, seconds);
        double plain = Timing.SecondsPerImage(reference, program, 1, 1, 0);
        if (arithmetic.Name == "exact32") exact = one;
        Console.WriteLine(
            $"| {network.Name} | {arithmetic.Name} | {macs} | {one * 1e6:F2} | {macs / one / rate:P0} " +
            $"| {one / exact:F2} | {one / two:F2} | {plain / one:F0} | {Timing.Overflowed(simd, program):P2} |");
    }
}

Console.WriteLine();
Console.WriteLine($"Multiply-add rate beside the networks: {slowest / 1e9:F1} to {fastest / 1e9:F1} G/s");
return 0;

string Option(string name, string otherwise)
{
    int index = Array.IndexOf(args, name);
    return index < 0 ? otherwise : args[index + 1];
}
