using System.Buffers.Binary;
using System.Runtime.InteropServices;
using QSim.Kernels.Datapath;
using QSim.Simulator.Networks;
using QSim.Simulator.Networks.Files.Tflite;
using QSim.Simulator.Quantization;

namespace QSim.Simulator.Tests.Networks.Files.Tflite;

/// <summary>
/// Models of a folder against Google's interpreter: QSIM_TFLITE_FILES names it, and no model that
/// others trained is kept here.
/// </summary>
public class LiteRtFilesTests
{
    private const int Images = 8;
    private const double Tolerance = 1e-3;

    [SkippableTheory]
    [InlineData("xnnpack", "xnnpack")]
    [InlineData("builtin", "litert-builtin")]
    public void EveryFile_IsLiteRts(string kernels, string profile)
    {
        LiteRt.Need();
        string? folder = Environment.GetEnvironmentVariable("QSIM_TFLITE_FILES");
        Skip.If(folder is null, "QSIM_TFLITE_FILES names no folder of .tflite files");
        var said = new List<string>();
        foreach (string file in Directory.GetFiles(folder, "*.tflite").Order())
            said.Add($"{Path.GetFileName(file)}: {Said(file, kernels, profile)}");
        string all = string.Join('\n', said);
        Console.WriteLine(all);
        Assert.Contains(": equal", all);
        Assert.DoesNotContain(" differ", all);
    }

    private static string Said(string file, string kernels, string profile)
    {
        try
        {
            return Difference(file, kernels, profile);
        }
        catch (Exception e) when (e is InputException or QuantizationException)
        {
            return $"not compared: {e.Message}";
        }
    }

    private static string Difference(string file, string kernels, string profile)
    {
        byte[] bytes = File.ReadAllBytes(file);
        var model = TfliteModel.Read(bytes);
        FloatNetwork network = TfliteImporter.Import(bytes, "f.tflite", null);
        TfliteType type = model.Tensors[model.Inputs[0]].Type;
        var random = new Random(1);
        int length = network.Input.Length;
        float[] reals = [.. Enumerable.Range(0, Images * length).Select(_ => random.NextSingle())];
        byte[] images = new byte[Images * length];
        random.NextBytes(images);
        bool isFloat = type == TfliteType.Float32;
        if (isFloat && model.Tensors.Any(t => t is { IsConstant: true, Type: TfliteType.Int8 })
            && !network.IsQuantized) return "not compared: int8 weights meet float32";
        if (kernels == "builtin" && model.Tensors.Any(t =>
            t is { IsConstant: true, Type: TfliteType.Uint8 })) profile = LiteRtTests.Uint8;
        QuantizedProgram? program =
            network.IsQuantized ? TfliteHardware.Program(network, profile) : null;
        if (isFloat && program is { Input.Type: var pixels })
        {
            type = pixels.IsSigned ? TfliteType.Int8 : TfliteType.Uint8;
            reals = [.. images.Select(b => (float)(pixels.Scale
                * ((pixels.IsSigned ? (sbyte)b : b) - pixels.ZeroPoint)))];
        }

        (byte[]? theirs, string error) = LiteRt.Run(
            kernels,
            [(WithLogits(bytes, model), isFloat ? MemoryMarshal.AsBytes<float>(reals).ToArray()
                : images)])[0];
        if (theirs is null) return $"not compared: {error}";

        // Images with channels first are what they are in both.
        int channels = network.Input.Channels;
        int from = model.Tensors[model.Inputs[0]].Shape[^1] == channels ? channels : 1;
        int classes = network.Shape(network.Layers.Length).Channels;
        if (program is null)
        {
            float[] wanted = MemoryMarshal.Cast<byte, float>(theirs).ToArray();
            float[] found = [.. reals.Chunk(length).SelectMany(i => ChannelOrder.Last(
                FloatForward.Run(network, ChannelOrder.First(i, from))[^1], classes))];
            Assert.All(wanted.Concat(found), v => Assert.True(float.IsFinite(v), file));
            double off = wanted.Zip(found, (w, f) => (double)Math.Abs(w - f)).Max();
            double most = wanted.Max(Math.Abs);
            return off <= Tolerance * most ? "equal" : $"{off} of {most} differ";
        }

        bool isUnsigned = type == TfliteType.Uint8;
        byte[] ours =
        [
            .. images.Chunk(length).SelectMany(image => ChannelOrder.Last(
                TfliteHardware.Run(
                    program, [.. ChannelOrder.First(image, from).Select(b =>
                        isUnsigned ? b : (long)(sbyte)b)]),
                classes)).Select(v => (byte)v),
        ];
        int count = ours.Zip(theirs).Count(p => p.First != p.Second);
        return ours.Length != theirs.Length ? $"{ours.Length} and {theirs.Length} values differ"
            : count == 0 ? "equal"
            : $"{count} of {ours.Length} differ";
    }

    /// <summary>The file with its logits as output: what follows them is not imported.</summary>
    private static byte[] WithLogits(byte[] file, TfliteModel model)
    {
        int output = TfliteImporter.Logits(model);
        byte[] changed = [.. file];
        FlatTable graph = FlatTable.Root(changed).Tables(2, 1)[0];
        Overwrite(graph.Vector(2, sizeof(int)), _ => output);

        // One image at a time, where a model says that there may be several.
        foreach (FlatTable tensor in graph.Tables(0, model.Tensors.Length))
            Overwrite(tensor.Vector(7, sizeof(int)), extent => extent < 0 ? 1 : extent);
        WithoutSignatures(changed);
        return changed;
    }

    /// <summary>
    /// Takes the names of inputs and outputs away: they would name other tensors.
    /// </summary>
    private static void WithoutSignatures(Span<byte> file)
    {
        const int Field = 7, Header = 4;
        int root = BinaryPrimitives.ReadInt32LittleEndian(file);
        Span<byte> fields = file[(root - BinaryPrimitives.ReadInt32LittleEndian(file[root..]))..];
        int at = Header + (Field * sizeof(ushort));
        if (at < BinaryPrimitives.ReadUInt16LittleEndian(fields))
            BinaryPrimitives.WriteUInt16LittleEndian(fields[at..], 0);
    }

    private static void Overwrite(ReadOnlyMemory<byte> integers, Func<int, int> change)
    {
        Assert.True(MemoryMarshal.TryGetArray(integers, out ArraySegment<byte> bytes));
        for (int i = 0; i < bytes.Count; i += sizeof(int))
            BinaryPrimitives.WriteInt32LittleEndian(
                bytes[i..], change(BinaryPrimitives.ReadInt32LittleEndian(bytes[i..])));
    }
}
