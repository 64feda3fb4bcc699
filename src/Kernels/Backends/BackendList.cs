using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends;

/// <summary>
/// The one list of backends, fastest last; tests, benchmarks and the command line read it.
/// </summary>
public static class BackendList
{
    private static readonly Lazy<IReadOnlyList<IBackend>> Rows = new(List);

    /// <summary>
    /// Every backend that QSim knows, usable here or not. Looks for devices when first read.
    /// </summary>
    public static IReadOnlyList<IBackend> All => Rows.Value;

    /// <summary>The backends that run everywhere, fastest last.</summary>
    private static IReadOnlyList<IBackend> Everywhere { get; } =
        [new Reference.ReferenceBackend(), new Simd.SimdBackend()];

    /// <summary>The fastest usable backend that can run the program.</summary>
    public static IBackend Best(QuantizedProgram program) =>
        All.Last(b => b.WhyUnavailable is null && b.WhyNot(program) is null);

    /// <summary>The fastest that can run the program on the CPU.</summary>
    public static IBackend OnCpu(QuantizedProgram program) =>
        Everywhere.Last(b => b.WhyNot(program) is null);

    /// <summary>
    /// The backend that a user means: by name, or by the name of a family of devices, as in
    /// <c>cuda</c>, of which the first is taken (<c>cuda:0</c>); where this machine has none, the
    /// family's own row, which says why. Null when there is none of that name.
    /// </summary>
    public static IBackend? Find(string name) =>
        Everywhere.FirstOrDefault(b => b.Name == name)
        ?? All.FirstOrDefault(b => b.Name == name)
        ?? All.FirstOrDefault(b => b.Name.StartsWith($"{name}:", StringComparison.Ordinal))
        ?? All.FirstOrDefault(b => b.WhyUnavailable is not null
            && name.StartsWith($"{b.Name}:", StringComparison.Ordinal));

    private static IReadOnlyList<IBackend> List() =>
        [.. DeviceBackends.SlowerThanCpu, .. Everywhere, .. DeviceBackends.FasterThanCpu];
}
