using System.Globalization;
using QSim.Kernels.Backends.Simd;
using QSim.Kernels.Bench;

const string Usage = """
    Usage: qsim-bench-kernels [--device NAME] [--network NAME,...] [--arithmetic NAME,...]
               [--seconds S] [--images N] [--shapes FILE] [--rows] [--networks-only]
               [--against FOLDER]     an older build's bin folder, turn by turn with this one
           qsim-bench-kernels benchmarkdotnet [--filter '*'] ...
    """;
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (args.Length > 0 && args[0] == "benchmarkdotnet")
{
    ShapeBenchmarks.Run(args.Length > 1 ? args[1..] : ["--filter", "*"]);
    return 0;
}

// A word that is not known must not start ten minutes of measuring.
string[] known =
[
    "--device", "--network", "--arithmetic", "--seconds", "--images", "--shapes", "--rows",
    "--networks-only", "--against",
];
if (args.FirstOrDefault(a => a.StartsWith('-') && !known.Contains(a)) is { } other)
{
    bool isHelp = other is "--help" or "-h" or "-?";
    (isHelp ? Console.Out : Console.Error).WriteLine(
        isHelp ? Usage : $"{other} is not an option.{Environment.NewLine}{Usage}");
    return isHelp ? 0 : 2;
}

string shapes = Option("--shapes", Path.Combine(AppContext.BaseDirectory, "shapes.txt"));
bool isAgainst = args.Contains("--against");
double seconds = double.Parse(Option("--seconds", isAgainst ? "0.015" : "1"));
int images = int.Parse(Option("--images", isAgainst ? "32" : "256"));
string onlyNetwork = Option("--network", ""), onlyArithmetic = Option("--arithmetic", "");
NetworkShape[] networks =
[
    .. ShapeFile
        .Read(shapes)
        .Where(n => onlyNetwork == "" || onlyNetwork.Split(',').Contains(n.Name)),
];
if (Option("--device", "") is { Length: > 0 } device)
    return DeviceBench.Run(
        DeviceBench.Find(device), networks, onlyArithmetic, images, seconds,
        kernels: !args.Contains("--networks-only"));

if (Option("--against", "") is { Length: > 0 } before)
{
    AgainstBench.Run(before, networks, [.. Arithmetics()], images, seconds);
    return 0;
}

if (args.Contains("--rows"))
{
    RowBench.Run(networks, [.. Arithmetics()], images, seconds);
    return 0;
}

(double rate, string instruction) = MultiplyAddRate.Measure();
double slowest = rate;
double fastest = rate;
Console.WriteLine(
    $"Multiply-add rate of one core, registers only: {rate / 1e9:F1} G/s ({instruction})");
Console.WriteLine(
    $"Backend: {new SimdBackend().Description}; {images} images per run; best of {seconds} s");
Console.WriteLine();
Console.WriteLine(Cell.Header);
List<Cell> cells = [];
foreach (NetworkShape network in networks)
{
    // Measured again beside each network, so that a ratio never mixes clocks.
    (rate, _) = MultiplyAddRate.Measure();
    (slowest, fastest) = (Math.Min(slowest, rate), Math.Max(fastest, rate));
    Cell? exact = null;
    foreach (Cell measured in NetworkBench.Measure(network, Arithmetics(), images, seconds, rate))
    {
        Cell cell = measured with { Exact = exact };
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

// The exact path is always there, for the ratios.
IEnumerable<BenchArithmetic> Arithmetics() => BenchArithmetic.All.Where(
    a => onlyArithmetic == "" || a.Name == "exact32" || onlyArithmetic.Split(',').Contains(a.Name));

string Option(string name, string otherwise)
{
    int index = Array.IndexOf(args, name);
    return index < 0 ? otherwise : args[index + 1];
}
