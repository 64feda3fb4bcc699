using QSim.Kernels.Conformance;

namespace QSim.Runner.Devices;

/// <summary>What <c>qsim backends check</c> found on one backend.</summary>
/// <param name="Backend">Its name.</param>
/// <param name="Description">What it is.</param>
/// <param name="Seed">Of the random programs.</param>
/// <param name="Seconds">How long the comparison took.</param>
/// <param name="Groups">Counts, in the order in which cases ran.</param>
/// <param name="First">The first case that failed; null where everything is equal.</param>
/// <param name="Rates">Throughput; empty where something differs.</param>
/// <param name="Facts">The device: name, driver, clocks, memory, as far as it tells.</param>
internal sealed record BackendReport(
    string Backend, string Description, int Seed, double Seconds,
    IReadOnlyList<GroupCount> Groups, CaseFailure? First, IReadOnlyList<DeviceRate> Rates,
    IReadOnlyDictionary<string, string> Facts)
{
    /// <summary>True where no case failed.</summary>
    public bool IsEqual => First is null;
}

/// <summary>Cases of one kind.</summary>
/// <param name="Group">Which.</param>
/// <param name="Cases">How many were run.</param>
/// <param name="Refused">How many the backend cannot run, which is no difference.</param>
/// <param name="Different">How many differed from the reference, or could not be run.</param>
internal sealed record GroupCount(string Group, int Cases, int Refused, int Different);

/// <summary>A case that is not as the reference has it.</summary>
/// <param name="Group">Its kind.</param>
/// <param name="Program">The program's name, which says how to make it again.</param>
/// <param name="Images">Images of the batch.</param>
/// <param name="What">The difference in words, or what went wrong.</param>
/// <param name="Difference">The difference; null where the case could not be run.</param>
internal sealed record CaseFailure(
    string Group, string Program, int Images, string What, Difference? Difference);

/// <summary>Throughput of one arithmetic.</summary>
/// <param name="Network">The network.</param>
/// <param name="Arithmetic">What its accumulator does.</param>
/// <param name="Profile">The profile that it comes from.</param>
/// <param name="ImagesPerSecond">With images that are on the device already.</param>
/// <param name="SimdImagesPerSecond">What the SIMD backend does with all of the CPU.</param>
internal sealed record DeviceRate(
    string Network, string Arithmetic, string Profile, double ImagesPerSecond,
    double SimdImagesPerSecond);
