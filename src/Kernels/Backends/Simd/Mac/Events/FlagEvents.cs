using System.Numerics;
using QSim.Kernels.Backends.Simd.Mac.Output;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Simd.Mac.Events;

/// <summary>Events that accumulation has raised flags for.</summary>
/// <param name="stage">The stage.</param>
/// <param name="overflowed">Its first flag; the one for inexact follows it.</param>
/// <remarks>Needs a tile with flags, as OutputStage.Run lets in.</remarks>
internal sealed unsafe class FlagEvents(EventStage stage, MacFlag overflowed) : EventSource(stage)
{
    public override (Vector<int> Overflowed, Vector<int> Inexact) Count(
        in OutputTile<int> tile, int lane)
    {
        Vector<int> over = default, lost = default;
        int* flags = tile.Flags + ((int)overflowed * tile.FlagPlane) + lane;
        for (int column = 0; column < tile.Columns; column++, flags += tile.Stride)
        {
            over -= Raised(flags);
            lost -= Raised(flags + tile.FlagPlane);
        }

        return (over, lost);
    }

    public override Vector<int> Overflowed(in OutputTile<int> tile, int column, int lane) =>
        Raised(tile.Flags + ((int)overflowed * tile.FlagPlane) + (column * tile.Stride) + lane);

    private static Vector<int> Raised(int* flags) =>
        ~Vector.Equals(Vector.Load(flags), Vector<int>.Zero);
}
