using System.Numerics;
using QSim.Kernels.Backends.Memory;

namespace QSim.Kernels.Backends.Simd.Mac.Packed;

/// <summary>
/// Another source's rows from a copy of the tensor in which every value is <c>(stored + add)
/// &lt;&lt; shift</c>: windows overlap, so changing what they take is more work.
/// </summary>
/// <remarks>Needs a tensor with its slack and as much scratch, which Prepare asserts.</remarks>
internal sealed unsafe class AdjustedRows(
    RowSource<short> source, StepPlace place, int add, int shift) : RowSource<short>
{
    private readonly TensorLayout _input = place.Inputs[0];

    public override int Stride => source.Stride;

    public override int[] Order => source.Order;

    public override long ScratchBytes =>
        sizeof(short) * (((long)_input.Length * place.BlockImages) + _input.Slack);

    public override void* Prepare(void* input, int images, byte* scratch)
    {
        Door.Needs(input != null && scratch != null && images > 0 && images <= place.BlockImages);
        short* from = (short*)input, to = (short*)scratch;
        var added = new Vector<short>((short)add);
        long count = (long)images * _input.Length;
        for (long i = 0; i < count; i += Vector<short>.Count)
            ((Vector.Load(from + i) + added) << shift).Store(to + i);
        return to;
    }

    public override short* Fill(void* input, int first, int columns, int group, short* buffer) =>
        source.Fill(input, first, columns, group, buffer);
}
