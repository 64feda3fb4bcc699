using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using QSim.CudaDriver.Machine;

namespace QSim.CudaDriver.Driver;

/// <summary>
/// What kernels were asked to do since the process began, and their texts: for programs that ask by
/// names which no card's driver has. Bytes and classes of instructions are counted with
/// <c>QSIM_CUDA_WORK=1</c> alone.
/// </summary>
internal static unsafe class Tally
{
    private static readonly List<string> Texts = [];
    private static readonly SortedDictionary<(int Text, string Name, long Threads), long[]> Sums =
        [];

    /// <summary>A text that was read; the number that it has from now on, from 1.</summary>
    public static int Add(string text)
    {
        Texts.Add(text);
        return Texts.Count;
    }

    /// <summary>A launch is done.</summary>
    /// <param name="launch">What ran.</param>
    /// <param name="touched">Which bytes were read and written.</param>
    public static void Ran(Launch launch, Stretch[] touched)
    {
        (Kernel kernel, long threads) = (launch.Kernel, launch.ThreadCount);
        long[] more =
        [
            1, launch.Longest, Bytes(isWrite: false), Bytes(isWrite: true),
            .. kernel.Costs.Sum(launch.Counts ?? new long[kernel.Code.Length]),
        ];
        if (!Sums.TryGetValue((kernel.Text, kernel.Name, threads), out long[]? sums))
            Sums[(kernel.Text, kernel.Name, threads)] = sums = new long[more.Length];
        for (int i = 0; i < sums.Length; i++) sums[i] += more[i];

        long Bytes(bool isWrite) =>
            touched.Where(s => s.IsWrite == isWrite).Sum(s => s.End - s.First);
    }

    /// <summary>
    /// A line per kernel and number of threads: text, name, threads, launches, instructions as
    /// written of each launch's longest thread, bytes read, bytes written (each byte of a launch
    /// once), then instructions of all threads by <see cref="CostClass"/>.
    /// </summary>
    /// <returns>
    /// How many bytes there are to say; as many as there is room for are written.
    /// </returns>
    [UnmanagedCallersOnly(EntryPoint = "qsimWork")]
    public static int Work(byte* room, int bytes) => Say(
        string.Concat(Sums.Select(s => string.Create(
            CultureInfo.InvariantCulture,
            $"{s.Key.Text}\t{s.Key.Name}\t{s.Key.Threads}\t{string.Join('\t', s.Value)}\n"))),
        room, bytes);

    /// <summary>The text with a number.</summary>
    /// <returns>As <see cref="Work"/>.</returns>
    [UnmanagedCallersOnly(EntryPoint = "qsimText")]
    public static int Text(int number, byte* room, int bytes) =>
        Say(number > 0 && number <= Texts.Count ? Texts[number - 1] : "", room, bytes);

    private static int Say(string what, byte* room, int bytes)
    {
        byte[] said = Encoding.UTF8.GetBytes(what);
        said.AsSpan(0, Math.Min(said.Length, bytes)).CopyTo(new Span<byte>(room, bytes));
        return said.Length;
    }
}
