using QSim.Kernels.Backends.Memory;

namespace QSim.Kernels.Backends.Simd.Mac.Bounded;

/// <summary>
/// Columns that have to be taken step by step, one list per place that they are taken up from.
/// </summary>
/// <remarks>
/// Needs room for lists times (most + 1) numbers, and no more columns than most, which Add
/// asserts.
/// </remarks>
internal readonly unsafe ref struct FailedColumns
{
    private readonly int* _lists;
    private readonly int _most;

    /// <summary>Empty lists.</summary>
    /// <param name="room">For every list its columns and their number.</param>
    /// <param name="most">The most columns of a list.</param>
    /// <param name="lists">How many lists.</param>
    public FailedColumns(int* room, int most, int lists)
    {
        _lists = room;
        _most = most;
        for (int list = 0; list < lists; list++) Count(list) = 0;
    }

    /// <summary>The columns of one list.</summary>
    public ReadOnlySpan<int> From(int list) => new(First(list), Count(list));

    public void Add(int list, int column)
    {
        Door.Needs((uint)Count(list) < (uint)_most);
        First(list)[Count(list)++] = column;
    }

    private int* First(int list) => _lists + (list * (_most + 1)) + 1;

    private ref int Count(int list) => ref First(list)[-1];
}
