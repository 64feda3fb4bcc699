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

    private readonly Dictionary<string, CellRecord> _cells = [];
    private readonly string _path;
    private readonly FileStream? _file;
    private readonly FolderLock? _lock;

    private CellStore(string path, FileStream? file, FolderLock? exclusive) =>
        (_path, _file, _lock) = (path, file, exclusive);

    /// <summary>Every cell, in no particular order.</summary>
    public IReadOnlyCollection<CellRecord> All => _cells.Values;

    /// <summary>Lines that are no cells; they are gone from a file that was opened.</summary>
    public IReadOnlyList<InputError> Damaged { get; private set; } = [];

    /// <summary>
    /// Opens the file of a folder for more cells, and creates it where there is none. Lines that
    /// are damaged are taken out: their cells count as missing.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <param name="study">What its cells have to fit; null for any.</param>
    /// <param name="anew">Forgets the cells that are there.</param>
    /// <param name="note">Told what takes a while, and what was damaged.</param>
    /// <exception cref="IOException">Another process has it open, or it cannot be.</exception>
    public static CellStore Open(
        string folder, ResolvedStudy? study = null, bool anew = false, Action<string>? note = null)
    {
        string path = Path.Combine(folder, FileName);
        FolderLock exclusive = FolderLock.Take(folder, note);
        try
        {
            CellReader found = anew ? new(path, study) : CellReader.Read(path, study);
            if (anew || found.Damaged.Count > 0) found.Repair();
            FileStream file = OwnFile.OpenWrite(path);
            OwnFile.FlushFolder(folder);
            var store = new CellStore(path, file, exclusive);
            store.Take(found);
            file.SetLength(found.End);
            file.Seek(0, SeekOrigin.End);
            if (found.Damaged.Count > 0)
                note?.Invoke(
                    $"{found.Damaged[0]}{(found.Damaged.Count == 1
                        ? "" : $" (and {found.Damaged.Count - 1} more)")}; measured again");
            return store;
        }
        catch
        {
            exclusive.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Reads the file of a folder, while somebody writes it as well; no cells where there is none.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <param name="study">What its cells have to fit; null for any.</param>
    public static CellStore Read(string folder, ResolvedStudy? study = null)
    {
        string path = Path.Combine(folder, FileName);
        var store = new CellStore(path, null, null);
        store.Take(CellReader.Read(path, study));
        return store;
    }

    /// <summary>The cell of a key; null where it was not measured yet.</summary>
    public CellRecord? Find(string key) => _cells.GetValueOrDefault(key);

    /// <summary>Adds cells that are not there yet, and puts them on the disk.</summary>
    /// <exception cref="IOException">
    /// The disk is full, say, or somebody took the file away; the cells before it are kept.
    /// </exception>
    public void Append(params IReadOnlyList<CellRecord> cells)
    {
        CellRecord[] missing = [.. cells.Where(c => !_cells.ContainsKey(c.Key))];
        if (missing.Length == 0) return;
        Check();
        long end = _file!.Position;
        try
        {
            foreach (CellRecord cell in missing)
                _file.Write([.. CellLine.Of(cell), (byte)'\n']);
            _file.Flush(flushToDisk: true);
        }
        catch (Exception e) when (e is IOException or ArgumentOutOfRangeException)
        {
            // The second is what .NET makes of a file that is too large.
            _file.SetLength(end);
            throw new IOException(
                $"{_path}: {(e is IOException ? e.Message : OwnFile.TooLarge)}", e);
        }

        foreach (CellRecord cell in missing) _cells.TryAdd(cell.Key, cell);
    }

    /// <summary>
    /// Whether the file is still in its place, as long as it should be, and this process's.
    /// </summary>
    /// <exception cref="IOException">It is not.</exception>
    public void Check()
    {
        _lock!.Check();
        if (new FileInfo(_path) is not { Exists: true } file || file.Length != _file!.Length
            || file.Length != _file.Position)
            throw new IOException($"{_path}: was removed or changed while the run was at work");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _file?.Dispose();
        _lock?.Dispose();
    }

    private void Take(CellReader found)
    {
        foreach (CellRecord cell in found.Cells) _cells[cell.Key] = cell;
        Damaged = found.Damaged;
    }
}
