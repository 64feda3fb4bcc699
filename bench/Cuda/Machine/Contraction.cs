namespace QSim.CudaDriver.Machine;

/// <summary>
/// Sums of products that say no rounding may be computed with one rounding, and an assembler does
/// so where it likes: here, wherever it could. What needs the bits of two roundings shows.
/// </summary>
internal static class Contraction
{
    /// <summary>Changes the sums of a kernel.</summary>
    /// <param name="code">The kernel.</param>
    /// <param name="leaders">Instructions that are branched to.</param>
    public static void Apply(IReadOnlyList<Instruction> code, HashSet<int> leaders)
    {
        Dictionary<int, Instruction> products = [];
        for (int at = 0; at < code.Count; at++)
        {
            Instruction i = code[at];
            if (leaders.Contains(at) || i.Flow != Flow.Next) products.Clear();
            if (i.Flow != Flow.Next) continue;
            if (i.Name is "add.f32" or "sub.f32" or "add.f64" or "sub.f64") Fuse(i, products);
            Forget(i, products);
            if (i.Name is "mul.f32" or "mul.f64" && i.Guard < 0 && i.D != i.A && i.D != i.B)
                products[i.D] = i;
        }
    }

    private static void Fuse(Instruction sum, Dictionary<int, Instruction> products)
    {
        bool isSecond = !products.TryGetValue(sum.A, out Instruction? product);
        if (isSecond && !products.TryGetValue(sum.B, out product)) return;
        int other = isSecond ? sum.A : sum.B;
        bool isDifference = sum.Name.StartsWith("sub", StringComparison.Ordinal);
        (sum.A, sum.B, sum.C, sum.Sources) = (product!.A, product.B, other, 3);
        double product1 = isDifference && isSecond ? -1 : 1;
        double other1 = isDifference && !isSecond ? -1 : 1;
        sum.Step = sum.Name.EndsWith("f32", StringComparison.Ordinal)
            ? (l, i) => FloatOperations.Put(
                l, i, float.FusedMultiplyAdd(
                    (float)product1 * l.Get<float>(i.A), l.Get<float>(i.B),
                    (float)other1 * l.Get<float>(i.C)))
            : (l, i) => FloatOperations.Put(
                l, i, double.FusedMultiplyAdd(
                    product1 * l.Get<double>(i.A), l.Get<double>(i.B),
                    other1 * l.Get<double>(i.C)));
    }

    /// <summary>
    /// Products whose register or operands an instruction writes are products no more.
    /// </summary>
    private static void Forget(Instruction i, Dictionary<int, Instruction> products)
    {
        if (i.Name.StartsWith("st.", StringComparison.Ordinal)) return;
        int[] written = i.Many.Length > 0 ? i.Many : [i.D];
        foreach (int key in products.Keys.ToArray())
            if (written.Contains(key) || written.Contains(products[key].A)
                || written.Contains(products[key].B))
                products.Remove(key);
    }
}
