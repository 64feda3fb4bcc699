using System.Globalization;
using QSim.CudaDriver.Machine;

namespace QSim.CudaDriver.Driver;

/// <summary>
/// What kernels are made of and what they execute, a line each, in the file that
/// <c>QSIM_CUDA_LOG</c> names: what can be counted without a card.
/// </summary>
internal static class Log
{
    private static readonly StreamWriter? Lines =
        Environment.GetEnvironmentVariable("QSIM_CUDA_LOG") is { Length: > 0 } path
            ? new(path, append: true) { AutoFlush = true }
            : null;

    private static readonly string? Texts =
        Environment.GetEnvironmentVariable("QSIM_CUDA_TEXTS") is { Length: > 0 } folder
            ? Directory.CreateDirectory(folder).FullName
            : null;

    private static int _texts;

    /// <summary>
    /// A kernel that was assembled; its text becomes a file of the folder that
    /// <c>QSIM_CUDA_TEXTS</c> names.
    /// </summary>
    public static void Assembled(Kernel kernel, string text)
    {
        Lines?.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"assembled\t{kernel.Name}\t{text.Length} characters"
                + $"\t{kernel.Code.Length} instructions"
                + $"\t{kernel.Registers} registers\t{kernel.LocalBytes} local bytes"));
        if (Texts is null) return;
        int number = Interlocked.Increment(ref _texts);
        File.WriteAllText(Path.Combine(Texts, $"{number:D3}-{kernel.Name}.ptx"), text);
    }

    /// <summary>A copy that was queued; what is pinned a card reads and writes by itself.</summary>
    public static void Copied(bool toDevice, bool isPinned, long bytes) => Lines?.WriteLine(
        string.Create(
            CultureInfo.InvariantCulture,
            $"copied\t{(toDevice ? "to" : "from")} the device\t"
                + $"{(isPinned ? "pinned" : "ordinary")} memory\t{bytes} bytes"));

    /// <summary>A kernel that was run.</summary>
    public static void Ran(Kernel kernel, long threads, long instructions) => Lines?.WriteLine(
        string.Create(
            CultureInfo.InvariantCulture,
            $"ran\t{kernel.Name}\t{threads} threads\t{instructions} instructions"));
}
