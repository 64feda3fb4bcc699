using System.Globalization;
using QSim.Kernels.Backends;
using QSim.Kernels.Backends.Reference;
using QSim.Kernels.Backends.Simd;
using QSim.Kernels.Bench;
using QSim.Kernels.Datapath;

// Usage: qsim-bench-kernels [--device NAME] [--network NAME,...] [--arithmetic NAME] [--seconds S]
//            [--images N] [--shapes FILE]
//        qsim-bench-kernels benchmarkdotnet [--filter '*'] ...
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (args.Length > 0 && args[0] == "benchmarkdotnet")
{
    ShapeBenchmarks.Run(args.Length > 1 ? args[1..] : ["--filter", "*"]);
    return 0;
}

string shapes = Option("--shapes", Path.Combine(AppContext.BaseDirectory, "shapes.txt"));
double seconds = double.Parse(Option("--seconds", "1"));
int images = int.Parse(Option("--images", "256"));
string onlyNetwork = Option("--network", ""), onlyArithmetic = Option("--arithmetic", "");
NetworkShape[] networks =
[
    .. ShapeFile
        .Read(shapes)
        .Where(n => onlyNetwork == "" || onlyNetwork.Split(',').Contains(n.Name)),
];
if (Option("--device", "") is { Length: > 0 } device)
    return DeviceBench.Run(DeviceBench.Find(device), networks, images, seconds);

(double rate, string instruction) = MultiplyAddRate.Measure();
double slowest = rate,
    fastest = rate;
Console.WriteLine(
    $"Multiply-add rate of one core, registers only: {rate / 1e9:F1} G/s ({instruction})");
Console.WriteLine(
    $"Backend: {new SimdBackend().Description}; {images} images per run; best of {seconds} s");
Console.WriteLine();
Console.WriteLine(Cell.Header);
IBackend simd = new SimdBackend(), reference = new ReferenceBackend();
List<Cell> cells = [];
foreach (NetworkShape network in networks)
{
    // Measured again beside each network, so that a ratio never mixes clocks.
    (rate, _) = MultiplyAddRate.Measure();
    (slowest, fastest) = (Math.Min(slowest, rate), Math.Max(fastest, rate));
    Cell? exact = null;
    foreach (BenchArithmetic arithmetic in BenchArithmetic.All)
    {
        if (onlyArithmetic != ""
            && arithmetic.Name != onlyArithmetic
            && arithmetic.Name != "exact32")
            continue;
        Cell cell = Measure(network, arithmetic) with { Exact = exact };
        exact ??= cell;
        cells.Add(cell);
        Console.WriteLine(cell);
    }
}

Console.WriteLine();
Console.WriteLine(
    $"Multiply-add rate beside the networks: {slowest / 1e9:F1} to {fastest / 1e9:F1} G/s");
Console.WriteLine();
Targets.Print(cells);
return 0;

Cell Measure(NetworkShape network, BenchArithmetic arithmetic)
{
    QuantizedProgram program = BenchProgram.Build(network, arithmetic);

    // Both thread counts twice, in turn: what disturbs one of them rarely disturbs it again.
    double one = double.PositiveInfinity, two = double.PositiveInfinity;
    for (int turn = 0; turn < 2; turn++)
    {
        one = Math.Min(one, Timing.SecondsPerImage(simd, program, images, 1, seconds / 2));
        two = Math.Min(two, Timing.SecondsPerImage(simd, program, images, 2, seconds / 2));
    }

    return new(
        network.Name, arithmetic.Name, program.Layers.OfType<MacLayer>().Min(l => l.Depth),
        BenchProgram.Macs(program), one, two, Timing.SecondsPerImage(reference, program, 1, 1, 0),
        rate, Timing.Overflowed(simd, program), Timing.Allocated(simd, program, images));
}

string Option(string name, string otherwise)
{
    int index = Array.IndexOf(args, name);
    return index < 0 ? otherwise : args[index + 1];
}
