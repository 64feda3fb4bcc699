namespace QSim.Fuzz;

/// <summary>
/// One format: its right files, how they are damaged, and what is done with a mutant.
/// </summary>
/// <param name="Name">As the command line has it.</param>
/// <param name="Seeds">Names of right files under FuzzSeeds.</param>
/// <param name="Mutate">Damages one.</param>
/// <param name="Run">Reads a mutant, given in a folder beside what it needs, and runs it.</param>
internal sealed record FuzzFormat(
    string Name, string[] Seeds, Func<byte[], Dice, byte[]> Mutate,
    Func<Sandbox, string, byte[], Outcome> Run)
{
    /// <summary>Every format.</summary>
    public static IReadOnlyList<FuzzFormat> All { get; } =
    [
        new("onnx",
            ["network.onnx", "qonnx.onnx", "attention.onnx", "dynamic.onnx", "signs.onnx",
                "gates.onnx", "floats.onnx", "excluded.onnx", "resized.onnx"], Bytes,
            Network("network.onnx", "network.onnx")),
        new("tflite", ["network.tflite"], Bytes, Network("network.tflite", "network.tflite")),
        new("network", ["network.npz.yaml"], Text, Network("n.yaml", "n.yaml")),
        new("npz-weights", ["w.npz"], Containers.Zip, Network("w.npz", "network.npz.yaml")),
        new("safetensors", ["w.safetensors"], Containers.Safetensors,
            Network("w.safetensors", "network.safetensors.yaml")),
        new("pt", ["w.pt"], Containers.Zip, Network("w.pt", "network.pt.yaml")),
        new("integers", ["integers.yaml", "signs.yaml"], Text, (box, _, bytes) =>
            box.Study(box.Put("i.yaml", bytes), "planes.npz", "tflite-int8")),
        new("integers-npz", ["integers.npz"], Containers.Zip, (box, _, bytes) =>
        {
            box.Put("integers.npz", bytes);
            return box.Study("integers.yaml", "planes.npz", "tflite-int8");
        }),
        new("npz-data", ["grey.npz"], Containers.Zip, (box, _, bytes) =>
            box.Study("dense.yaml", box.Put("data.npz", bytes))),
        new("png", ["grey.png", "rgb.png", "palette.png", "deep.png"], Containers.Png,
            (box, seed, bytes) => box.Study(
                seed is "grey.png" or "deep.png" ? "dense.yaml" : "colour.yaml",
                box.Pngs(seed, bytes))),
        new("csv", ["labels.csv"], Text, (box, _, bytes) =>
            box.Study("dense.yaml", box.Put("labels.csv", bytes))),
        new("idx", ["images.idx"], Bytes, Idx),
        new("idx.gz", ["images.idx.gz"], Containers.Gzip, Idx),
        new("cifar.gz", ["cifar.tar.gz"], Containers.Gzip, (box, _, bytes) =>
        {
            box.Put("cifar-10/cifar-10-binary.tar.gz", bytes);
            return box.Study("photo.yaml", "cifar-10");
        }),
        new("profile", ["hls4ml-default.yaml", "tflite-int8.yaml", "int8-acc-sat.yaml",
                "finn-w4a4.yaml", "qnnpack.yaml"],
            Text,

            // FINN's pooling has no padding, and that network's has.
            (box, seed, bytes) => seed == "finn-w4a4.yaml"
                ? box.Study("dense.yaml", "grey.npz", box.Put("p.yaml", bytes))
                : box.Study("network.npz.yaml", "planes.npz", box.Put("p.yaml", bytes))),
        new("study", ["study.yaml"], Text, (box, _, bytes) => box.StudyFile(bytes)),
        new("search", ["search.yaml"], Text, (box, _, bytes) =>
            Searched.Run(box.Put("search.yaml", bytes), box.Mutant)),
        new("cifar", ["batch.bin"], Bytes, (box, _, bytes) =>
        {
            foreach (int i in (int[])[1, 2, 3, 4, 5])
                box.Copy("batch.bin", $"cifar-10-batches-bin/data_batch_{i}.bin");
            box.Put("cifar-10-batches-bin/test_batch.bin", bytes);
            return box.Study("photo.yaml", "cifar-10");
        }),
        new("conform", ["casts.csv", "requantizations.csv", "accumulations.jsonl"], Text, Conform),
        new("conform-npz", ["convolutions.npz", "taps.npz"], Containers.Zip, Conform),
        new("conform.gz", ["casts.csv", "requantizations.csv", "accumulations.jsonl"],
            Containers.Packed, Conform),
        OfRun("cells.jsonl", OwnFiles.Cells),
        OfRun("examples.json", OwnFiles.Document),
        OfRun("hardware.json", OwnFiles.Document),
        OfRun("study.json", OwnFiles.Document),
        OfRun("manifest.json", OwnFiles.Document),
        OfRun("costs.json", OwnFiles.Document),
        new("cached", ["cached-images", "cached-network"], OwnFiles.Cached,
            (box, seed, bytes) => box.Run.Use(seed, bytes, box.Mutant)),
        new("costs", ["costs.json"], Text, (box, _, bytes) => box.Costed.Show(bytes)),
        new("liberty", ["cells.lib"], Text, (box, _, bytes) =>
            Costed.Library(box.Put("mutant.lib", bytes))),
        new("vectors", ["golden/hex/fc.output.hex", "golden/csv/fc.total.csv",
                "golden/manifest.json"],
            Text, (box, seed, bytes) => box.Run.Vectored.Compare(seed, bytes)),
        new("vectors-npz", ["golden/vectors.npz"], Containers.Zip,
            (box, seed, bytes) => box.Run.Vectored.Compare(seed, bytes)),
        new("saved-images", ["saved"], Containers.Zip,
            (box, _, bytes) => box.Run.Judge(bytes, box.Mutant)),
        new("certificate", ["certificate"], Text,
            (box, _, bytes) => box.Run.Certified.Check(bytes, box.Mutant)),
        new("serve", ["serve.bin"], Served.Mutate, (_, _, bytes) => Served.Talk(bytes)),
        new("command", ["commands.txt"], Text, (box, _, bytes) => box.Command(bytes)),
    ];

    private static FuzzFormat OfRun(string name, Func<byte[], Dice, byte[]> mutate) => new(
        name, [name], mutate, (box, _, bytes) => box.Run.Read(name, bytes, box.Mutant));

    private static byte[] Bytes(byte[] seed, Dice dice) => Mutator.Mutate(seed, false, dice);

    private static byte[] Text(byte[] seed, Dice dice) => Mutator.Mutate(seed, true, dice);

    private static Func<Sandbox, string, byte[], Outcome> Network(string file, string network) =>
        (box, _, bytes) =>
        {
            box.Put(file, bytes);
            return box.Study(network, "planes.npz");
        };

    private static Outcome Idx(Sandbox box, string seed, byte[] bytes)
    {
        foreach (string part in (string[])["train", "t10k"])
        {
            box.Copy("images.idx", $"mnist/{part}-images-idx3-ubyte");
            box.Copy("labels.idx", $"mnist/{part}-labels-idx1-ubyte");
        }

        box.Put("mnist/t10k-images-idx3-ubyte", bytes);
        return box.Study("wide.yaml", "mnist");
    }

    private static Outcome Conform(Sandbox box, string seed, byte[] bytes) =>
        box.Conform(box.Put("results", bytes));
}

/// <summary>What became of a mutant.</summary>
internal enum Outcome
{
    /// <summary>One clear line.</summary>
    Refused,

    /// <summary>Read, but too large to run here.</summary>
    Large,

    /// <summary>Read, and no program for the profile: one clear line.</summary>
    Read,

    /// <summary>Read and run on every backend, with the same bits.</summary>
    Executed,
}
