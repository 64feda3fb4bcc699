using QSim.Kernels.Datapath;

namespace QSim.Silicon.Rtl;

/// <summary>
/// A multiply-accumulate unit (ARITHMETIC.md section 4): one operand pair per lane and cycle, an
/// exact adder tree, one accumulator.
/// </summary>
internal sealed class MacModules
{
    private readonly MacLayer _layer;
    private readonly MacSpec _mac;

    /// <param name="layer">The layer.</param>
    /// <param name="name">Before the names of its modules.</param>
    public MacModules(MacLayer layer, string name)
    {
        Name = name;
        (_layer, _mac) = (layer, layer.Mac);
        IsAtEnd = _mac.When == AccumulatorUpdate.End;

        // Where everything is added exactly and converted once, lanes change no bit: as many as the
        // profile has, or one.
        Lanes = IsAtEnd ? Math.Clamp(_mac.Lanes, 1, layer.Depth) : layer.Facts.Lanes;
        Cycles = (layer.Depth + Lanes - 1) / Lanes;
        BiasCycle = !layer.Facts.StartsFromBias;
        Input = new("x", layer.Input.Bits, layer.Input.IsSigned);
        Weight = new("w", layer.WeightBits, layer.WeightsSigned);
        Accumulator = Wire.Of("accumulator", _mac.Update);
        MacChain chain = layer.Facts.Chain;
        ExactProduct = Wire.Of("product", chain.ExactProduct);
        Product = _mac.ProductStage == ProductStage.Converted
            ? Wire.Of("product", _mac.Product)
            : ExactProduct;
        Partial = Wire.Of("partial", chain.Product * Lanes);
        ExactRange aligned = chain.Register << chain.RegisterShift;
        ExactRange sum = chain.Sum;
        if (BiasCycle) sum = sum.Or(aligned + aligned);
        Sum = Wire.Of("sum", sum);
    }

    /// <summary>What the names of its modules begin with.</summary>
    public string Name { get; }

    /// <summary>Products per cycle.</summary>
    public int Lanes { get; }

    /// <summary>Cycles that take products.</summary>
    public int Cycles { get; }

    /// <summary>Whether one more cycle takes the bias.</summary>
    public bool BiasCycle { get; }

    /// <summary>Whether the accumulator is converted once, after an exact sum.</summary>
    public bool IsAtEnd { get; }

    /// <summary>Whether products are converted before they are added.</summary>
    public bool HasProductRegister => _mac.ProductStage == ProductStage.Converted;

    public Wire Input { get; }

    public Wire Weight { get; }

    public Wire ExactProduct { get; }

    public Wire Product { get; }

    public Wire Partial { get; }

    public Wire Sum { get; }

    public Wire Accumulator { get; }

    /// <summary>Random bits for each product and each update; 0 where none are drawn.</summary>
    public (int Product, int Update) RandomBits => (
        _mac.ProductStage == ProductStage.Converted && _mac.Product.DrawsRandomBits
            ? _mac.Product.Shift
            : 0,
        _mac.Update.DrawsRandomBits ? _mac.Update.Shift : 0);

    /// <summary>What goes in, the clock first.</summary>
    public IEnumerable<Wire> Inputs()
    {
        yield return new("clk", 1, false);
        yield return new("enable", 1, false);
        yield return new("first", 1, false);
        if (BiasCycle) yield return new("last_bias", 1, false);
        yield return new("x", Lanes * Input.Bits, false, IsVector: true);
        yield return new("w", Lanes * Weight.Bits, false, IsVector: true);
        yield return Accumulator with { Name = "bias" };
        if (RandomBits.Product > 0)
            yield return new("product_random", Lanes * RandomBits.Product, false, IsVector: true);
        if (RandomBits.Update > 0) yield return new("random", RandomBits.Update, false);
    }

    /// <summary>Every module of the unit.</summary>
    public IEnumerable<ModuleText> All()
    {
        if (_mac.ProductStage == ProductStage.Converted)
            yield return ConvertModule.Of(
                $"{Name}_product_convert", "The exact product into the product register",
                ExactProduct.Bits, _mac.Product);
        yield return LaneModule.Of(_layer, this);
        yield return ConvertModule.Of(
            $"{Name}_accumulator_convert", "The accumulator plus products",
            Sum.Bits, _mac.Update);
        yield return Unit();
    }

    private ModuleText Unit()
    {
        string when = IsAtEnd
            ? "an exact sum, converted as it leaves"
            : "converted at every update";
        var module = new ModuleText(
            $"{Name}_mac",
            Lanes == 1
                ? $"One product a cycle; the accumulator is {when}."
                : $"{Lanes} products a cycle, added exactly; the accumulator is {when}.",
            "first starts a new output" + (BiasCycle ? ", last_bias adds the bias." : "."),
            "No register needs a reset: first takes the place of what was there.");
        WritePorts(module);
        WriteWidths(module);
        WriteLanes(module);
        WriteUpdate(module);
        return module;
    }

    private void WritePorts(ModuleText module)
    {
        foreach (Wire input in Inputs()) module.Input(input);
        module.Output(new("products", Lanes * Product.Bits, false, IsVector: true));
        module.Output(new("products_overflowed", Lanes, false, IsVector: true));
        module.Output(new("products_inexact", Lanes, false, IsVector: true));
        module.Output(Accumulator);
        module.Output(new("overflowed", 1, false));
        module.Output(new("inexact", 1, false));
    }

    /// <summary>What the profile says, by its keys' names.</summary>
    private void WriteWidths(ModuleText module)
    {
        Width("LANES", Lanes, "mac.lanes");
        Width("INPUT_BITS", Input.Bits, "input.bits, or the activation.bits before");
        Width("WEIGHT_BITS", Weight.Bits, "weight.bits");
        Width(
            "PRODUCT_BITS", Product.Bits, HasProductRegister ? "mac.product" : "exact");
        if (!IsAtEnd) Width("ACCUMULATOR_BITS", Accumulator.Bits, "mac.accumulator.bits");
        module.Line();

        void Width(string name, int value, string key) =>
            module.Line($"localparam {name} = {value};  // {key}");
    }

    private void WriteLanes(ModuleText module)
    {
        module.Line("genvar lane;");
        module.Line("generate");
        module.Line("  for (lane = 0; lane < LANES; lane = lane + 1) begin : lanes");
        module.Line($"    {Name}_mac_lane multiply (");
        module.Line($"      .x({Part("x", "INPUT")}), .w({Part("w", "WEIGHT")}),");
        if (RandomBits.Product > 0)
            module.Line($"      .random(product_random[lane*{RandomBits.Product} "
                + $"+: {RandomBits.Product}]),");
        module.Line($"      .product({Part("products", "PRODUCT")}),");
        module.Line("      .overflowed(products_overflowed[lane]),");
        module.Line("      .inexact(products_inexact[lane])");
        module.Line("    );");
        module.Line("  end");
        module.Line("endgenerate");
        module.Line();
        WritePartial(module);
        module.Line();

        static string Part(string name, string of) =>
            $"{name}[lane*{of}_BITS +: {of}_BITS]";
    }

    /// <summary>What a cycle's products are together.</summary>
    private void WritePartial(ModuleText module)
    {
        if (Lanes == 1)
        {
            module.Let(Partial, Signed("products"));
            return;
        }

        module.Line($"// The adder tree is exact: {Partial.Bits} bits hold every sum.");
        module.Line($"{Partial.Type} partial;");
        module.Line("always_comb begin");
        module.Line("  partial = '0;");
        module.Line("  for (int i = 0; i < LANES; i++)");
        string one = Signed("products[i*PRODUCT_BITS +: PRODUCT_BITS]");
        module.Line($"    partial = partial + {one};");
        module.Line("end");

        string Signed(string product)
        {
            string signed = Product.IsSigned
                ? $"$signed({product})"
                : $"$signed({{1'b0, {product}}})";
            return Product.SignedBits == Partial.Bits ? signed : $"{Partial.Bits}'({signed})";
        }
    }

    private void WriteUpdate(ModuleText module)
    {
        int bits = Sum.Bits;
        string register = IsAtEnd ? "exact" : "accumulator";
        string before = IsAtEnd
            ? "exact"
            : Shifted(Accumulator, _mac.AccumulatorAlign, bits);
        string bias = Shifted(Accumulator with { Name = "bias" }, _mac.AccumulatorAlign, bits);
        string start = _layer.Facts.StartsFromBias ? bias : $"{bits}'sd0";
        string added = Shifted(Partial, _mac.PartialAlign, bits);
        if (IsAtEnd) module.Line($"{Sum.Type} exact;");
        module.Let(Sum with { Name = "held" }, $"first ? {start} : {before}");
        module.Let(
            Sum with { Name = "added" }, BiasCycle ? $"last_bias ? {bias} : {added}" : added);
        module.Let(Sum, "held + added");
        string random = RandomBits.Update > 0 ? ", .random(random)" : "";
        if (IsAtEnd)
        {
            module.Line("always_ff @(posedge clk) if (enable) exact <= sum;");
            module.Line($"{Name}_accumulator_convert convert (");
            module.Line($"  .value(exact){random}, .result(accumulator),");
            module.Line("  .overflowed(overflowed), .inexact(inexact));");
            return;
        }

        string sign = Accumulator.IsSigned ? " signed" : "";
        module.Line($"logic{sign} [ACCUMULATOR_BITS-1:0] next;");
        module.Line("logic next_overflowed, next_inexact;");
        module.Line($"{Name}_accumulator_convert convert (");
        module.Line($"  .value(sum){random}, .result(next),");
        module.Line("  .overflowed(next_overflowed), .inexact(next_inexact));");
        module.Line("always_ff @(posedge clk) if (enable) begin");
        module.Line($"  {register} <= next;");
        module.Line("  overflowed <= next_overflowed;");
        module.Line("  inexact <= next_inexact;");
        module.Line("end");
    }

    /// <summary>A wire at the common binary point.</summary>
    private static string Shifted(Wire wire, int left, int bits)
    {
        if (left == 0) return wire.As(bits);
        string name = $"{{{wire.Name}, {left}'d0}}";
        int width = wire.Bits + left;
        return wire.IsSigned
            ? Wire.Extend($"$signed({name})", width, true, bits)
            : Wire.Extend(name, width, false, bits);
    }
}
