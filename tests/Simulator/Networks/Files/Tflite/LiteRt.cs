using System.Diagnostics;
using QSim.Simulator.Tests.Profiles;

namespace QSim.Simulator.Tests.Networks.Files.Tflite;

/// <summary>
/// Google's own interpreter (LiteRT, the former TensorFlow Lite), as WebAssembly in Node.js: what
/// its kernels give for models and images.
/// </summary>
internal static class LiteRt
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    private static readonly string Script = Path.Combine(
        ProfileFolders.Root, "tests", "litert", "run.cjs");

    /// <summary>Skips a test where it is not there.</summary>
    public static void Need() => Skip.IfNot(
        Directory.Exists(Path.Combine(Path.GetDirectoryName(Script)!, "node_modules")),
        "no LiteRT: run  npm install --no-package-lock --prefix tests/litert");

    /// <summary>The outputs' bytes of models for images, one after the other.</summary>
    /// <param name="kernels">
    /// <c>xnnpack</c>, what it takes by itself, <c>builtin</c> or <c>reference</c>.
    /// </param>
    /// <param name="models">Files, and the input tensors' bytes of their images.</param>
    /// <returns>Bytes of the outputs, or why a model was refused.</returns>
    public static IReadOnlyList<(byte[]? Bytes, string Error)> Run(
        string kernels, IReadOnlyList<(byte[] Model, byte[] Images)> models)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("qsim-litert-");
        try
        {
            for (int i = 0; i < models.Count; i++)
            {
                File.WriteAllBytes(Path.Combine(folder.FullName, $"{i}.tflite"), models[i].Model);
                File.WriteAllBytes(Path.Combine(folder.FullName, $"{i}.in"), models[i].Images);
            }

            using Process node = Process.Start(
                new ProcessStartInfo("node", [Script, folder.FullName, kernels])
                {
                    RedirectStandardError = true,
                })!;
            Task<string> said = node.StandardError.ReadToEndAsync();
            if (!node.WaitForExit(Limit)) node.Kill(entireProcessTree: true);
            Assert.True(node.ExitCode == 0, said.Result);
            return [.. models.Select((_, i) => Result(Path.Combine(folder.FullName, $"{i}")))];
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static (byte[]? Bytes, string Error) Result(string path) =>
        File.Exists(path + ".out")
            ? (File.ReadAllBytes(path + ".out"), "")
            : (null, File.ReadAllText(path + ".error"));
}
