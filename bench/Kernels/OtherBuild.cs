using System.Reflection;
using System.Runtime.Loader;

namespace QSim.Kernels.Bench;

/// <summary>
/// A build of this benchmark in a load context of its own, so that two of them run in one process:
/// what the machine does meanwhile meets both.
/// </summary>
/// <remarks>
/// An older build is met by name: BenchProgram.Build, BenchArithmetic.All, ShapeFile.Read and
/// CellTimer have to keep theirs.
/// </remarks>
internal sealed class OtherBuild
{
    private const BindingFlags Everything = BindingFlags.Static | BindingFlags.Instance
        | BindingFlags.Public | BindingFlags.NonPublic;

    private readonly Assembly _bench;
    private readonly object[] _networks;
    private readonly object[] _arithmetics;

    /// <param name="folder">The folder with the build's qsim-bench-kernels.dll.</param>
    public OtherBuild(string folder)
    {
        folder = Path.GetFullPath(folder);
        var context = new OwnFolderFirst(folder);
        _bench = context.LoadFromAssemblyPath(Path.Combine(folder, "qsim-bench-kernels.dll"));
        string shapes = Path.Combine(folder, "shapes.txt");
        _networks = All(Type("ShapeFile").GetMethod("Read", Everything)!.Invoke(null, [shapes]));
        _arithmetics = All(Type("BenchArithmetic").GetField("All", Everything)!.GetValue(null));
    }

    /// <summary>A timer of one cell.</summary>
    public OtherTimer Timer(string network, string arithmetic, int images)
    {
        object what = _arithmetics.Single(a => Name(a) == arithmetic);
        object? program = Type("BenchProgram").GetMethod("Build", Everything)!.Invoke(
            null, [_networks.Single(n => Name(n) == network), what]);
        return new(Activator.CreateInstance(Type("CellTimer"), program, what, images)!);
    }

    private static object[] All(object? list) =>
        [.. ((System.Collections.IEnumerable)list!).Cast<object>()];

    private static string Name(object named) =>
        (string)named.GetType().GetProperty("Name")!.GetValue(named)!;

    private Type Type(string name) => _bench.GetType($"QSim.Kernels.Bench.{name}", true)!;

    /// <summary>
    /// Its own assemblies before those of the process, which has another build's of the same name.
    /// </summary>
    private sealed class OwnFolderFirst(string folder) : AssemblyLoadContext
    {
        protected override Assembly? Load(AssemblyName assemblyName) =>
            Path.Combine(folder, $"{assemblyName.Name}.dll") is var path && File.Exists(path)
                ? LoadFromAssemblyPath(path)
                : null;
    }

    /// <summary>A <see cref="CellTimer"/> of another build.</summary>
    internal sealed class OtherTimer(object timer) : IDisposable
    {
        private static readonly string[] Fields = ["_one", "_two", "_events"];

        /// <summary>
        /// Seconds per image on one thread, on two, and on one that counts events: the best of one
        /// turn.
        /// </summary>
        public double[] Turn(double seconds)
        {
            timer.GetType().GetMethod("Forget")!.Invoke(timer, null);
            timer.GetType().GetMethod("Turn")!.Invoke(timer, [seconds]);
            return
            [
                .. Fields.Select(f =>
                    (double)timer.GetType().GetField(f, Everything)!.GetValue(timer)!),
            ];
        }

        public void Dispose() => ((IDisposable)timer).Dispose();
    }
}
