using System.Runtime.InteropServices;
using System.Text;

namespace QSim.Kernels.Backends.Ilgpu;

/// <summary>
/// NVIDIA's management library, which comes with the driver: its version, and clocks as they are
/// right now. Nothing is said where it is missing.
/// </summary>
internal static partial class NvidiaManagement
{
    private const string Library = "libnvidia-ml.so.1";
    private const int MultiprocessorClock = 1;
    private const int MemoryClock = 2;
    private const int Length = 96;

    /// <summary>Driver and present clocks of the device in a PCI slot.</summary>
    public static IEnumerable<(string What, string Value)> Facts(string slot)
    {
        try
        {
            return OperatingSystem.IsLinux() && Initialise() == 0 ? Read(slot) : [];
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            return [];
        }
    }

    private static List<(string What, string Value)> Read(string slot)
    {
        List<(string, string)> facts = [];
        var text = new byte[Length];
        if (DriverVersion(text, Length) == 0)
            facts.Add(("driver", Encoding.ASCII.GetString(text).TrimEnd('\0')));
        if (Find(slot, out nint device) != 0) return facts;
        if (Clock(device, MultiprocessorClock, out uint clock) == 0)
            facts.Add(("clock, now", $"{clock} MHz"));
        if (Clock(device, MemoryClock, out uint memory) == 0)
            facts.Add(("memory clock, now", $"{memory} MHz"));
        return facts;
    }

    [LibraryImport(Library, EntryPoint = "nvmlInit_v2")]
    private static partial int Initialise();

    [LibraryImport(Library, EntryPoint = "nvmlSystemGetDriverVersion")]
    private static partial int DriverVersion([Out] byte[] text, uint length);

    [LibraryImport(
        Library, EntryPoint = "nvmlDeviceGetHandleByPciBusId_v2",
        StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Find(string slot, out nint device);

    [LibraryImport(Library, EntryPoint = "nvmlDeviceGetClockInfo")]
    private static partial int Clock(nint device, int kind, out uint megahertz);
}
