using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using QSim.Kernels.Backends;
using QSim.Kernels.Datapath;
using QSim.Simulator;
using QSim.Simulator.Networks.Files.Onnx.Schema;

namespace QSim.OrtWalk;

/// <summary>
/// The first layer whose integers are not those of ONNX Runtime: what its optimizations made of the
/// file runs as it is, with the integers of every operator as outputs besides. A layer is told by
/// its values, since fusions change names.
/// </summary>
internal static class FirstDifference
{
    /// <summary>
    /// How many products of weights it leaves in float32, and what differs first.
    /// </summary>
    public static string Find(
        byte[] model, OrtWay way, QuantizedProgram program, float[] images, TensorShape shape)
    {
        // Its layouts put channels last, so below them where they change nothing.
        float[] logits = Ort.Run(model, way, images, shape);
        ModelProto optimized = Optimized(
            model, way with { Level = GraphOptimizationLevel.ORT_ENABLE_EXTENDED });
        (float[] same, List<long[]> all) = Integers(optimized, images, shape);
        if (!same.SequenceEqual(logits))
            (same, all) = Integers(optimized = Optimized(model, way), images, shape);
        int floats = Count(optimized, "Conv", "FusedConv", "Gemm", "MatMul", "ConvTranspose");
        int integers = Count(
            optimized, "QLinearConv", "QGemm", "QLinearMatMul", "MatMulIntegerToFloat",
            "ConvInteger", "MatMulInteger", "DynamicQuantizeMatMul");
        string products = $"{floats} of {floats + integers} products in float32; ";
        if (!same.SequenceEqual(logits))
            return $"{products}where first is unknown: optimized again it gives other logits";
        using var simulation = new Simulation(program, BackendList.Find("simd")!);
        RunResult result = simulation.Run(
            images, new() { Taps = [.. Enumerable.Range(0, program.Layers.Length + 1)] });
        for (int tensor = 0; tensor <= program.Layers.Length; tensor++)
        {
            if (program.Tensor(tensor).IsFloat32) continue;
            long[] found = result.Taps[tensor];
            // int8 activations may have become uint8.
            (long[] Values, int Apart) nearest = all
                .Where(o => o.Length == found.Length)
                .SelectMany(o => (long[][])[o, [.. o.Select(v => v - 128)]])
                .Select(o => (o, Apart(o, found))).OrderBy(o => o.Item2).FirstOrDefault();
            // Values that no operator made, such as windows' sums, are like none.
            if (nearest.Values is null || nearest.Apart == 0 || nearest.Apart > found.Length / 4)
                continue;
            long steps = nearest.Values.Zip(found).Max(p => Math.Abs(p.First - p.Second));
            string name = tensor == 0 ? "input" : program.Layers[tensor - 1].Name;
            return $"{products}first '{name}', {nearest.Apart} of {found.Length} by up to "
                + $"{steps}";
        }

        return $"{products}where first is unknown";
    }

    private static ModelProto Optimized(byte[] model, OrtWay way)
    {
        string path = Path.GetTempFileName();
        try
        {
            using SessionOptions options = Ort.Options(way);
            options.OptimizedModelFilePath = path;
            using (new InferenceSession(model, options)) { }
            return ModelProto.Parser.ParseFrom(File.ReadAllBytes(path));
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static int Count(ModelProto model, params string[] types) =>
        model.Graph.Node.Count(n => types.Contains(n.OpType));

    private static int Apart(long[] a, long[] b) => a.Zip(b).Count(p => p.First != p.Second);

    private static (float[] Logits, List<long[]> All) Integers(
        ModelProto model, float[] images, TensorShape shape)
    {
        string[] names =
        [
            .. model.Graph.Node.SelectMany(n => n.Output).Where(o => o.Length > 0),
        ];
        foreach (string name in names)
            if (model.Graph.Output.All(o => o.Name != name))
                model.Graph.Output.Add(new ValueInfoProto { Name = name });
        using SessionOptions options = Ort.Options(new("", GraphOptimizationLevel.ORT_DISABLE_ALL));
        using var session = new InferenceSession(model.ToByteArray(), options);
        List<float> logits = [];
        var values = names.ToDictionary(n => n, _ => new List<long>());
        foreach (float[] image in images.Chunk(shape.Length))
        {
            using var results = session.Run([Ort.Input(session, image, shape)]);
            logits.AddRange(results[0].AsTensor<float>());
            foreach (string name in names)
                values[name].AddRange(Numbers(results.First(r => r.Name == name)));
        }

        return ([.. logits], [.. values.Values.Select(v => v.ToArray())]);
    }

    private static IEnumerable<long> Numbers(DisposableNamedOnnxValue value) =>
        value.ElementType switch
        {
            TensorElementType.UInt8 => value.AsTensor<byte>().Select(v => (long)v),
            TensorElementType.Int8 => value.AsTensor<sbyte>().Select(v => (long)v),
            TensorElementType.UInt16 => value.AsTensor<ushort>().Select(v => (long)v),
            TensorElementType.Int16 => value.AsTensor<short>().Select(v => (long)v),
            _ => [],
        };
}
