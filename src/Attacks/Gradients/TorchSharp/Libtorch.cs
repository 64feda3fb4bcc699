using System.Runtime.InteropServices;
using TorchSharp;

namespace QSim.Attacks.Gradients.TorchSharp;

/// <summary>
/// libtorch, which TorchSharp calls. It is not copied beside the program: the build leaves the
/// place of its package in the program's runtime configuration, and it is loaded from there
/// (build/Libtorch.targets).
/// </summary>
internal static class Libtorch
{
    private const string FolderKey = "QSim.LibtorchFolder";

    /// <summary>
    /// What TorchSharp 0.107.0 for Linux, built with GCC 13, asks of the C++ library, for one
    /// function that its headers mention (std::ios_base_library_init, which sets up cout) and
    /// nothing in the library calls.
    /// </summary>
    private const string NewerThanNeeded = "GLIBCXX_3.4.32";

    private const string NotFound =
        "libtorch is not in the package folder; build once with -p:Torch=cpu (128 MB to fetch, 600 "
            + "MB on disk), or with -p:Torch=cuda for NVIDIA GPUs";

    private static readonly Lazy<string?> Problem = new(Load);

    /// <summary>
    /// Null when it is loaded, else why not and what to do about it. Loads it when first read.
    /// </summary>
    public static string? WhyUnavailable => Problem.Value;

    private static string FileName =>
        RuntimeInformation.IsOSPlatform(OSPlatform.Windows) ? "torch_cpu.dll"
        : RuntimeInformation.IsOSPlatform(OSPlatform.OSX) ? "libtorch_cpu.dylib"
        : "libtorch_cpu.so";

    /// <summary>Whether it is one for CUDA. Does not load it.</summary>
    public static bool HasCuda => BesideProgram(FileName.Replace("cpu", "cuda")) is not null;

    /// <summary>
    /// The package's folder, when it is there and libtorch does not lie beside the program.
    /// </summary>
    private static string? Folder =>
        AppContext.GetData(FolderKey) is string folder
        && File.Exists(Path.Combine(folder, FileName))
            ? folder
            : null;

    /// <summary>As <c>-p:Torch=cuda</c> and TorchSharp's own packages leave it.</summary>
    private static bool IsBesideProgram => BesideProgram(FileName) is not null;

    private static string? Load()
    {
        bool isBesideProgram = IsBesideProgram;
        if (!isBesideProgram && Folder is null) return NotFound;
        try
        {
            if (!isBesideProgram) LoadFrom(Folder!);

            // TorchSharp answers a failure to load by copying all of libtorch beside the program
            // and trying again, so it is only called when its own library is known to load.
            LoadTorchSharp();
            using torch.Tensor probe = torch.zeros(1);
            return null;
        }
        catch (Exception e)
            when (e
                    is DllNotFoundException
                        or BadImageFormatException
                        or NotSupportedException
                        or TypeInitializationException
                        or EntryPointNotFoundException
            )
        {
            return $"libtorch does not load: {Cause(e)}";
        }
    }

    /// <summary>
    /// On a system one version too old (Debian 12, Ubuntu 22.04) a copy is loaded that does not
    /// insist. It is found by name from then on, like libtorch; its file can go as soon as it is
    /// loaded.
    /// </summary>
    private static void LoadTorchSharp()
    {
        try
        {
            NativeLibrary.Load("LibTorchSharp", typeof(torch).Assembly, null);
        }
        catch (DllNotFoundException e)
            when (e.Message.Contains(NewerThanNeeded)
                && BesideProgram("libLibTorchSharp.so") is { } file
            )
        {
            byte[] library = File.ReadAllBytes(file);
            if (SymbolVersions.Weaken(library, NewerThanNeeded) == 0) throw;
            DirectoryInfo folder = Directory.CreateTempSubdirectory("qsim-");
            try
            {
                string copy = Path.Combine(folder.FullName, Path.GetFileName(file));
                File.WriteAllBytes(copy, library);
                NativeLibrary.Load(copy);
            }
            finally
            {
                folder.Delete(recursive: true);
            }
        }
    }

    private static string? BesideProgram(string file) =>
        Directory
            .EnumerateFiles(AppContext.BaseDirectory, file, SearchOption.AllDirectories)
            .FirstOrDefault();

    /// <summary>
    /// Once loaded by path, libraries are found by name when TorchSharp's own refers to them.
    /// </summary>
    private static void LoadFrom(string folder)
    {
        NativeLibrary.Load(Path.Combine(folder, FileName));
        string whole = Path.Combine(folder, FileName.Replace("torch_cpu", "torch"));
        if (File.Exists(whole)) NativeLibrary.Load(whole);
    }

    /// <summary>The line of the system's message that names the cause.</summary>
    private static string Cause(Exception e)
    {
        string[] lines = [.. (e.InnerException ?? e).Message.Split('\n').Select(l => l.Trim())];
        string? tooOld = lines.FirstOrDefault(l => l.Contains("GLIBC") && l.Contains("not found"));
        return tooOld is null
            ? lines[0]
            : $"this system's C library is too old ({tooOld}); Ubuntu 22.04 and Debian 12 are new "
                + "enough";
    }
}
