using System.Text;
using System.Text.Json;
using QSim.Runner.Output;
using QSim.Simulator;

namespace QSim.Runner.Studies.Cells;

/// <summary>
/// The cells of a run's folder, in a file that only ever grows by whole lines. A process that was
/// killed in the middle of a line loses that line and nothing else.
/// </summary>
internal sealed class CellStore : IDisposable
{
    /// <summary>The file's name.</summary>
    public const string FileName = "cells.jsonl";

    /// <summary>The file that only one process at a time can open.</summary>
    public const string LockName = "cells.lock";

    private readonly Dictionary<string, CellRecord> _cells = [];
    private readonly FileStream? _file;
    private readonly FileStream? _lock;

    private CellStore(FileStream? file, FileStream? exclusive) =>
        (_file, _lock) = (file, exclusive);

    /// <summary>Every cell, in no particular order.</summary>
    public IReadOnlyCollection<CellRecord> All => _cells.Values;

    /// <summary>
    /// Opens the file of a folder for more cells, and creates it where there is none.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <param name="anew">Forgets the cells that are there.</param>
    /// <exception cref="IOException">Another process has it open.</exception>
    /// <exception cref="InputException">A line of it is damaged.</exception>
    public static CellStore Open(string folder, bool anew = false)
    {
        string path = Path.Combine(folder, FileName);
        // A file of its own, so that the cells can be read while they are written. The lock ends
        // with the process.
        var exclusive = new FileStream(
            Path.Combine(folder, LockName), FileMode.Create, FileAccess.Write, FileShare.None);
        var store = new CellStore(
            new FileStream(
                path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite,
                bufferSize: 0),
            exclusive);
        store._file!.SetLength(anew ? 0 : store.Load(store._file, path));
        store._file.Seek(0, SeekOrigin.End);
        return store;
    }

    /// <summary>Reads the file of a folder; no cells where there is none.</summary>
    /// <exception cref="InputException">A line of it is damaged.</exception>
    public static CellStore Read(string folder)
    {
        var store = new CellStore(null, null);
        string path = Path.Combine(folder, FileName);
        if (!File.Exists(path)) return store;
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        store.Load(file, path);
        return store;
    }

    /// <summary>The cell of a key; null where it was not measured yet.</summary>
    public CellRecord? Find(string key) => _cells.GetValueOrDefault(key);

    /// <summary>Adds a cell and puts it on the disk.</summary>
    public void Append(CellRecord cell)
    {
        if (_cells.ContainsKey(cell.Key)) return;
        long end = _file!.Position;
        try
        {
            _file.Write(Encoding.UTF8.GetBytes(Json.LineOf(cell) + "\n"));
            _file.Flush(flushToDisk: true);
        }
        catch (IOException)
        {
            _file.SetLength(end);
            throw;
        }

        _cells.Add(cell.Key, cell);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _file?.Dispose();
        _lock?.Dispose();
    }

    /// <summary>Reads whole lines; returns where the last of them ends.</summary>
    private long Load(FileStream file, string path)
    {
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        int start = 0;
        for (int line = 1; Array.IndexOf(bytes, (byte)'\n', start) is var end and >= 0; line++)
        {
            CellRecord cell = Parse(bytes.AsSpan(start..end), path, line);
            _cells[cell.Key] = cell;
            start = end + 1;
        }

        return start;
    }

    private static CellRecord Parse(ReadOnlySpan<byte> line, string path, int number)
    {
        try
        {
            return Json.Parse<CellRecord>(line);
        }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            throw new InputException(
                new InputError(path, number, 1, "", "this line is damaged: it is no cell of a run")
            );
        }
    }
}
