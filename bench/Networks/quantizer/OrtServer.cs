using System.Text;
using Microsoft.ML.OnnxRuntime;

namespace QSim.OrtWalk;

/// <summary>
/// A session of ONNX Runtime for a program in another language: what goes in and comes out is on
/// the standard streams, one run after another, until there is no more.
/// </summary>
internal static class OrtServer
{
    /// <param name="path">The model.</param>
    /// <param name="level">The number of its optimizations.</param>
    /// <param name="optimized">Where to write what they made of it; null for nowhere.</param>
    public static int Serve(string path, int level, string? optimized)
    {
        using Stream input = Console.OpenStandardInput();
        using var output = new BufferedStream(Console.OpenStandardOutput());
        try
        {
            using SessionOptions options = Ort.Options(
                new("", (GraphOptimizationLevel)level));
            if (optimized is not null) options.OptimizedModelFilePath = optimized;
            using var session = new InferenceSession(path, options);
            Write(output, "ok");
            Arguments(output, session.InputNames, session.InputMetadata);
            Arguments(output, session.OutputNames, session.OutputMetadata);
            output.Flush();
            while (Run(session, input, output)) output.Flush();
            return 0;
        }
        catch (OnnxRuntimeException e)
        {
            Write(output, e.Message.ReplaceLineEndings(" "));
            return 1;
        }
    }

    private static bool Run(InferenceSession session, Stream input, Stream output)
    {
        List<OrtValue> values = [];
        try
        {
            foreach (string name in session.InputNames)
            {
                if (Numbers(input, 1) is not [long rank]) return false;
                long[] shape = Numbers(input, (int)rank)!;
                OrtValue value = OrtValue.CreateAllocatedTensorValue(
                    OrtAllocator.DefaultInstance,
                    session.InputMetadata[name].ElementDataType, shape);
                values.Add(value);
                input.ReadExactly(value.GetTensorMutableRawData());
            }

            using var options = new RunOptions();
            using var results = session.Run(
                options, session.InputNames, values, session.OutputNames);
            foreach (OrtValue result in results)
            {
                OrtTensorTypeAndShapeInfo kind = result.GetTensorTypeAndShape();
                long[] head = [(long)kind.ElementDataType, kind.Shape.Length, .. kind.Shape];
                foreach (long number in head) output.Write(BitConverter.GetBytes(number));
                if (kind.ElementCount > 0) output.Write(result.GetTensorMutableRawData());
            }

            return true;
        }
        finally
        {
            foreach (OrtValue value in values) value.Dispose();
        }
    }

    private static long[]? Numbers(Stream input, int count)
    {
        byte[] bytes = new byte[count * sizeof(long)];
        return input.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length
            ? null
            : [.. Enumerable.Range(0, count).Select(
                i => BitConverter.ToInt64(bytes, i * sizeof(long)))];
    }

    private static void Arguments(
        Stream output, IReadOnlyList<string> names, IReadOnlyDictionary<string, NodeMetadata> of)
    {
        Write(output, names.Count.ToString());
        foreach (string name in names)
        {
            NodeMetadata data = of[name];
            var shape = data.Dimensions.Select(
                (d, i) => d >= 0 ? d.ToString() : data.SymbolicDimensions[i]);
            Write(output, $"{name}\t{(int)data.ElementDataType}\t{string.Join(",", shape)}");
        }
    }

    private static void Write(Stream output, string line) =>
        output.Write(Encoding.UTF8.GetBytes(line + "\n"));
}
