using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace QSim.Kernels.Tests.Ilgpu;

/// <summary>
/// What the CUDA device was asked to do, which bench/Cuda counts. Whoever asks runs alone.
/// </summary>
/// <param name="Kernel">Its name.</param>
/// <param name="Threads">Of a launch.</param>
/// <param name="Launches">How many.</param>
/// <param name="Longest">
/// Instructions as written that the longest thread of each executes, summed up.
/// </param>
/// <param name="Text">As the device was given it.</param>
internal sealed record DeviceWork(
    string Kernel, long Threads, long Launches, long Longest, string Text)
{
    /// <summary>What some work launches, by kernel and number of threads.</summary>
    public static DeviceWork[] Of(Action work)
    {
        Dictionary<string, long[]> before = Read();
        work();
        return [.. Read().Select(l => Less(l.Key, l.Value, before.GetValueOrDefault(l.Key)))
            .Where(w => w.Launches > 0)];
    }

    /// <summary>The stretches of its text that are executed from first to last.</summary>
    public string[] Blocks => Text.Split("\n\n");

    private static DeviceWork Less(string key, long[] now, long[]? before)
    {
        string[] parts = key.Split('\t');
        int number = int.Parse(parts[0], CultureInfo.InvariantCulture);
        return new(
            parts[1], long.Parse(parts[2], CultureInfo.InvariantCulture),
            now[0] - (before?[0] ?? 0), now[1] - (before?[1] ?? 0),
            Say((room, bytes) => TextOf(number, room, bytes)));
    }

    private static Dictionary<string, long[]> Read()
    {
        try
        {
            return Say(Work).Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(l => l.Split('\t')).ToDictionary(
                    p => string.Join('\t', p[..3]), p => p[3..5].Select(long.Parse).ToArray());
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            Skip.If(true, "the driver of a card does not count launches; bench/Cuda does");
            throw;
        }
    }

    private static string Say(Func<byte[], int, int> ask)
    {
        byte[] room = new byte[ask([], 0)];
        ask(room, room.Length);
        return Encoding.UTF8.GetString(room);
    }

    [DllImport("libcuda.so", EntryPoint = "qsimWork")]
    private static extern int Work([Out] byte[] room, int bytes);

    [DllImport("libcuda.so", EntryPoint = "qsimText")]
    private static extern int TextOf(int number, [Out] byte[] room, int bytes);
}
