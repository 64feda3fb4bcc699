using System.Globalization;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Backends;
using QSim.Kernels.Backends.Reference;
using QSim.Kernels.Datapath;
using QSim.Runner.Output;

namespace QSim.Runner.Explanations;

/// <summary>How one output element of a multiply-accumulate layer came about, as text.</summary>
internal static class TraceText
{
    /// <summary>
    /// Prints products and partial sums up to the first step that overflowed, or all of them.
    /// </summary>
    public static void Write(
        Screen screen, MacLayer layer, MacTrace trace, ElementAddress element, EventStage stage)
    {
        TensorShape shape = layer.Output.Shape;
        screen.Line(
            $"layer        {layer.Name}: {layer.Depth} products, {layer.Facts.Lanes} "
                + "added at a time");
        screen.Line(
            $"element      image {element.Image}, channel {element.Channel}, position "
                + $"{element.Position} (row {element.Position / shape.Columns}, column "
                + $"{element.Position % shape.Columns})");
        if (layer.Mac.ProductStage == ProductStage.Converted)
            screen.Line($"product      {Describe(layer.Mac.Product)}");
        screen.Line($"accumulator  {Describe(layer.Mac.Update)}, starts from {trace.Start}");
        screen.Line();
        int last = LastStep(trace, stage);
        Steps(layer, trace, last).Write(screen);
        if (last < trace.Updates.Length - 1)
            screen.Line(
                $"({trace.Updates.Length - 1 - last} more updates; the accumulator ends at "
                    + $"{trace.Updates[^1].Accumulator})");
        Requantization requantization = layer.Requantization[element.Channel];
        screen.Line(
            $"output       {Describe(requantization.Output)}, {Words(requantization.Kind)}: "
                + $"{trace.Updates[^1].Accumulator} becomes "
                + $"{trace.Output}{Words(trace.OutputEvents)}");
    }

    private static int LastStep(MacTrace trace, EventStage stage)
    {
        if (stage == EventStage.Output)
            return trace.Updates.Length - 1;
        int lanes = Math.Max(
            1, (trace.Products.Length + trace.Updates.Length - 1) / trace.Updates.Length);
        for (int i = 0; i < trace.Updates.Length; i++)
        {
            bool overflowed =
                stage == EventStage.Accumulator
                    ? trace.Updates[i].Events.HasFlag(ConversionEvents.Overflowed)
                    : trace
                        .Products.Skip(i * lanes)
                        .Take(lanes)
                        .Any(p => p.Events.HasFlag(ConversionEvents.Overflowed));
            if (overflowed)
                return i;
        }

        return trace.Updates.Length - 1;
    }

    private static TextTable Steps(MacLayer layer, MacTrace trace, int last)
    {
        int lanes = layer.Facts.Lanes;
        var rows = new List<string[]>();
        for (int update = 0; update <= last; update++)
        {
            MacProduct[] products = [.. trace.Products.Skip(update * lanes).Take(lanes)];
            for (int i = 0; i < products.Length; i++)
            {
                MacProduct p = products[i];
                bool closes = i == products.Length - 1;
                rows.Add([
                    closes ? Text(update) : "",
                    Tap(layer, p.Weight),
                    Text(p.Input),
                    Text(p.WeightRaw),
                    Text(p.Exact),
                    Text(p.Value) + Words(p.Events),
                    closes ? Text(trace.Updates[update].Sum) : "",
                    closes
                        ? Text(trace.Updates[update].Accumulator)
                            + Words(trace.Updates[update].Events)
                        : "",
                ]);
            }

            if (products.Length > 0) continue;
            MacUpdate bias = trace.Updates[update];
            rows.Add([
                Text(update),
                "bias",
                "",
                "",
                "",
                "",
                Text(bias.Sum),
                Text(bias.Accumulator) + Words(bias.Events),
            ]);
        }

        return new(
            [
                "update",
                "weight at",
                "input",
                "weight",
                "exact product",
                "product",
                "exact sum",
                "accumulator",
            ],
            rows)
        {
            RightAligned = new HashSet<int> { 0, 2, 3, 4, 5, 6, 7 },
        };
    }

    private static string Tap(MacLayer layer, int weight)
    {
        int columns = layer.Geometry.KernelColumns;
        int taps = layer.Geometry.KernelRows * columns;
        return taps == 1
            ? string.Create(CultureInfo.InvariantCulture, $"channel {weight}")
            : string.Create(
                CultureInfo.InvariantCulture,
                $"channel {weight / taps}, row {weight % taps / columns}, column {weight % columns}"
            );
    }

    private static string Describe(ConversionSpec spec) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{spec.Bits} bits, raw {spec.Min}..{spec.Max}, {ModeNames.Of(spec.Rounding)} "
                + $"{ModeNames.Of(spec.Overflow)}");

    private static string Words(RequantizationKind kind) => kind switch
    {
        RequantizationKind.MultiplierDouble => "multiplier with double rounding",
        RequantizationKind.MultiplierSingle => "multiplier with single rounding",
        RequantizationKind.Real => "float32 scale",
        RequantizationKind.RealOnce => "float32 bias, scale and zero point",
        RequantizationKind.Shift => "shift",
    };

    private static string Words(ConversionEvents events) =>
        events.HasFlag(ConversionEvents.Overflowed) ? " (overflowed)" : "";

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
