namespace QSim.Kernels.Backends.Simd.Mac.Packed;

/// <summary>
/// Integer matrix product modulo 2^32: eight columns by two vectors of channels at a time, two products per
/// lane and instruction. Right where the sum of all products is all that counts.
/// </summary>
internal sealed unsafe class PairAccumulation<TOps, TVector>(MacShape shape, RowSource<short> rows, PackedWeights weights)
    : Accumulation<short, int>
    where TOps : struct, IPairVector<TVector>
    where TVector : struct
{
    private readonly int _pairs = (shape.Depth + 1) / 2;
    private readonly int _stride = rows.Stride;

    public override int Padded { get; } = shape.Padded(TOps.Lanes);

    public override void Run(in MacTile<short, int> tile)
    {
        int lanes = TOps.Lanes;
        int* bias = weights.Biases(tile.Group);
        for (int channel = 0; channel < Padded; channel += 2 * lanes)
        {
            short* w = weights.Panel(tile.Group, channel);
            bool two = channel + lanes < Padded;
            for (int column = 0; column < tile.Columns; column += 8)
            {
                short* row = tile.Rows + ((long)column * _stride);
                int* to = tile.Accumulators + ((long)column * Padded) + channel;
                if (two) RunTwo(row, w, bias + channel, to);
                else RunOne(row, w, bias + channel, to);
            }
        }
    }

    private void RunOne(short* row, short* w, int* bias, int* to)
    {
        nint s = _stride, s2 = 2 * s, s3 = 3 * s;
        short* row4 = row + (4 * s);
        TVector a0, a1, a2, a3, a4, a5, a6, a7;
        a0 = a1 = a2 = a3 = a4 = a5 = a6 = a7 = TOps.Load(bias);
        for (int pair = 0; pair < _pairs; pair++)
        {
            TVector v = TOps.Load((int*)w);
            a0 = TOps.MultiplyAdd(a0, TOps.Broadcast(row), v);
            a1 = TOps.MultiplyAdd(a1, TOps.Broadcast(row + s), v);
            a2 = TOps.MultiplyAdd(a2, TOps.Broadcast(row + s2), v);
            a3 = TOps.MultiplyAdd(a3, TOps.Broadcast(row + s3), v);
            a4 = TOps.MultiplyAdd(a4, TOps.Broadcast(row4), v);
            a5 = TOps.MultiplyAdd(a5, TOps.Broadcast(row4 + s), v);
            a6 = TOps.MultiplyAdd(a6, TOps.Broadcast(row4 + s2), v);
            a7 = TOps.MultiplyAdd(a7, TOps.Broadcast(row4 + s3), v);
            row += 2;
            row4 += 2;
            w += 2 * TOps.Lanes;
        }

        Store(a0, a1, a2, a3, to);
        Store(a4, a5, a6, a7, to + (4 * Padded));
    }

    private void RunTwo(short* row, short* w, int* bias, int* to)
    {
        nint s = _stride, s2 = 2 * s, s3 = 3 * s;
        short* row4 = row + (4 * s);
        TVector a0, a1, a2, a3, a4, a5, a6, a7, b0, b1, b2, b3, b4, b5, b6, b7;
        a0 = a1 = a2 = a3 = a4 = a5 = a6 = a7 = TOps.Load(bias);
        b0 = b1 = b2 = b3 = b4 = b5 = b6 = b7 = TOps.Load(bias + TOps.Lanes);
        for (int pair = 0; pair < _pairs; pair++)
        {
            TVector v = TOps.Load((int*)w);
            TVector u = TOps.Load((int*)(w + (2 * TOps.Lanes)));
            TVector x = TOps.Broadcast(row);
            a0 = TOps.MultiplyAdd(a0, x, v);
            b0 = TOps.MultiplyAdd(b0, x, u);
            x = TOps.Broadcast(row + s);
            a1 = TOps.MultiplyAdd(a1, x, v);
            b1 = TOps.MultiplyAdd(b1, x, u);
            x = TOps.Broadcast(row + s2);
            a2 = TOps.MultiplyAdd(a2, x, v);
            b2 = TOps.MultiplyAdd(b2, x, u);
            x = TOps.Broadcast(row + s3);
            a3 = TOps.MultiplyAdd(a3, x, v);
            b3 = TOps.MultiplyAdd(b3, x, u);
            x = TOps.Broadcast(row4);
            a4 = TOps.MultiplyAdd(a4, x, v);
            b4 = TOps.MultiplyAdd(b4, x, u);
            x = TOps.Broadcast(row4 + s);
            a5 = TOps.MultiplyAdd(a5, x, v);
            b5 = TOps.MultiplyAdd(b5, x, u);
            x = TOps.Broadcast(row4 + s2);
            a6 = TOps.MultiplyAdd(a6, x, v);
            b6 = TOps.MultiplyAdd(b6, x, u);
            x = TOps.Broadcast(row4 + s3);
            a7 = TOps.MultiplyAdd(a7, x, v);
            b7 = TOps.MultiplyAdd(b7, x, u);
            row += 2;
            row4 += 2;
            w += 4 * TOps.Lanes;
        }

        Store(a0, a1, a2, a3, to);
        Store(a4, a5, a6, a7, to + (4 * Padded));
        Store(b0, b1, b2, b3, to + TOps.Lanes);
        Store(b4, b5, b6, b7, to + TOps.Lanes + (4 * Padded));
    }

    private void Store(TVector a, TVector b, TVector c, TVector d, int* to)
    {
        TOps.Store(a, to);
        TOps.Store(b, to + Padded);
        TOps.Store(c, to + (2 * Padded));
        TOps.Store(d, to + (3 * Padded));
    }
}
