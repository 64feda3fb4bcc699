using System.Formats.Tar;
using System.IO.Compression;
using QSim.Kernels.Datapath;
using QSim.Simulator.Files;

namespace QSim.Runner.Data.Sources;

/// <summary>
/// CIFAR-10 in its binary version: five files to train, one to test, or the archive with them as it
/// is distributed. An image is one byte of label, then 1,024 bytes each of red, green and blue, row
/// by row.
/// </summary>
internal sealed class Cifar10Source : IDatasetSource
{
    private const string Archive = "cifar-10-binary.tar.gz";
    private const string TestFile = "test_batch.bin";
    private const int Classes = 10;
    private const int White = 255;

    /// <summary>Ten times the images that a file has as it is distributed.</summary>
    private const int MostBytes = 10 * 10_000 * 3073;

    private static readonly TensorShape Shape = new(3, 32, 32);
    private static readonly string[] TrainFiles =
        [.. Enumerable.Range(1, 5).Select(i => $"data_batch_{i}.bin")];
    private static readonly string[] Subfolders =
    [
        "cifar-10",
        "cifar-10-batches-bin",
        "cifar-10/cifar-10-batches-bin",
    ];

    /// <inheritdoc/>
    public string Name => "cifar-10";

    /// <inheritdoc/>
    public string Description =>
        "60,000 colour photographs of 10 kinds of things, 32x32 (Krizhevsky)";

    /// <inheritdoc/>
    public string HowToGet =>
        $"put {Archive} (the binary version) or the six .bin files in it into "
            + $"{Path.Combine("data", Name)}";

    /// <inheritdoc/>
    public string? Locate(DataFolders folders) =>
        folders.Candidates(Subfolders).FirstOrDefault(f => File.Exists(Path.Combine(f, TestFile)))
        ?? folders
            .Candidates(["cifar-10", ""])
            .Select(f => Path.Combine(f, Archive))
            .FirstOrDefault(File.Exists);

    /// <inheritdoc/>
    public Dataset Load(DataFolders folders)
    {
        string place =
            Locate(folders)
            ?? throw new RequestException(
                $"{Name}: not found in {string.Join(", ", folders.Candidates(Subfolders[..2]))}; "
                    + $"{HowToGet}");
        Dictionary<string, byte[]> files = File.Exists(place)
            ? FromArchive(place)
            : FromFolder(place);
        byte[] Of(string name) =>
            files.GetValueOrDefault(name)
            ?? throw new RequestException($"{Path.Combine(place, name)}: no such file");
        byte[][] train = [.. TrainFiles.Select(Of)];
        byte[] test = Of(TestFile);
        foreach (string name in files.Keys) Check(Path.Combine(place, name), files[name]);
        return new(Name, Classes, Decode(train), Decode([test]), Digest.OfAll([.. train, test]));
    }

    private static Dictionary<string, byte[]> FromFolder(string folder) =>
        TrainFiles
            .Append(TestFile)
            .Where(f => File.Exists(Path.Combine(folder, f)))
            .ToDictionary(f => f, f => DataBytes.Read(Path.Combine(folder, f)));

    private static Dictionary<string, byte[]> FromArchive(string path)
    {
        var files = new Dictionary<string, byte[]>();
        try
        {
            using FileStream file = DataBytes.Open(path);
            var unpacking = new Unpacking(file.Length);
            using var gzip = new GZipStream(file, CompressionMode.Decompress);
            using var tar = new TarReader(gzip);
            while (tar.GetNextEntry() is { } entry)
            {
                string name = Path.GetFileName(entry.Name);
                if (entry.DataStream is null || (name != TestFile && !TrainFiles.Contains(name)))
                    continue;
                if (entry.Length > MostBytes)
                    throw new InvalidDataException($"{name} has more than {MostBytes} bytes");
                files[name] = unpacking.ReadAll(entry.DataStream, MostBytes);
            }
        }
        catch (Exception e) when (
            // What the reader of archives meets in a damaged one.
            e is InvalidDataException or IOException or InvalidOperationException
                or ArgumentException or FormatException or OverflowException
                or NotSupportedException)
        {
            throw new RequestException(
                $"{path}: is not a complete .tar.gz: {e.Message.TrimEnd('.')}");
        }

        return files;
    }

    private static void Check(string path, byte[] content)
    {
        int record = Shape.Length + 1;
        if (content.Length == 0 || content.Length % record != 0)
        {
            throw new RequestException(
                $"{path}: {content.Length} bytes are not a whole number of images of {record} "
                    + "bytes: "
                    + "the file is damaged, or not the binary version");
        }

        for (int at = 0; at < content.Length; at += record)
        {
            if (content[at] >= Classes)
                throw new RequestException(
                    $"{path}: label {at / record} is {content[at]} (supported: 0..{Classes - 1})");
        }
    }

    private static ImageSet Decode(byte[][] files)
    {
        int record = Shape.Length + 1;
        int count = files.Sum(f => f.Length / record);
        var pixels = new float[Sizes.Elements(count, Shape.Length)];
        var labels = new int[count];
        int image = 0;
        foreach (byte[] file in files)
        {
            for (int at = 0; at < file.Length; at += record, image++)
            {
                labels[image] = file[at];
                for (int i = 0; i < Shape.Length; i++)
                    pixels[(image * Shape.Length) + i] = file[at + 1 + i] / (float)White;
            }
        }

        return new(Shape, pixels, labels) { IsBytes = true };
    }
}
