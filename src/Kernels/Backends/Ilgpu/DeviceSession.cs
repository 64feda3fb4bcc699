using ILGPU;
using ILGPU.Runtime;

namespace QSim.Kernels.Backends.Ilgpu;

/// <summary>
/// A device in use: one accelerator that all programs on it share, with the kernels compiled so far. It lasts
/// as long as the process, so that a second program finds the first one's kernels, unless the device fails.
/// </summary>
internal sealed class DeviceSession
{
    private static readonly Dictionary<string, DeviceSession> Sessions = [];

    private readonly Context _context;

    private DeviceSession(string name, Device device, bool specializes, ByteMultiplier multiplier)
    {
        Name = name;
        Multiplier = multiplier;
        _context = Context.Create(b => b.Optimize(OptimizationLevel.O2).Inlining(InliningMode.Aggressive));
        Accelerator = device.CreateAccelerator(_context);
        Kernels = new(Accelerator, specializes);
    }

    /// <summary>The backend's name, for messages.</summary>
    public string Name { get; }

    /// <summary>The device.</summary>
    public Accelerator Accelerator { get; }

    /// <summary>What multiplies packed bytes.</summary>
    public ByteMultiplier Multiplier { get; }

    /// <summary>Launchers; each compiles when first used with new modes.</summary>
    public KernelSet Kernels { get; }

    /// <summary>Joins the session on a device, or begins one.</summary>
    /// <exception cref="DeviceException">The driver refuses.</exception>
    public static DeviceSession Open(
        string name, Device device, bool specializes, ByteMultiplier multiplier)
    {
        lock (Sessions)
        {
            if (Sessions.TryGetValue(name, out DeviceSession? session)) return session;
            try
            {
                return Sessions[name] = new DeviceSession(name, device, specializes, multiplier);
            }
            catch (Exception e) when (DeviceFailures.IsDriver(e))
            {
                throw DeviceFailures.Explain(name, e);
            }
        }
    }

    /// <summary>One line about what the driver reported; the next program begins a new session.</summary>
    public DeviceException Fail(Exception e)
    {
        lock (Sessions) Sessions.Remove(Name);
        return DeviceFailures.Explain(Name, e);
    }
}
