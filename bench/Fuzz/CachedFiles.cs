using QSim.Attacks.Gradients;
using QSim.Runner;
using QSim.Runner.Data;
using QSim.Runner.Studies;
using QSim.Runner.Studies.Cells;

namespace QSim.Fuzz;

/// <summary>What reads a cache as the small study does.</summary>
internal sealed class CachedFiles
{
    private readonly ContentCache _cache = new(RunFolder.Cache);

    private readonly StudyInputs _ofImages = Inputs(), _ofNetwork = Inputs();

    /// <summary>Reads a file of the cache, and runs the network or the first image.</summary>
    public Outcome Use(string path, int mutant)
    {
        string key = Path.GetFileNameWithoutExtension(path);
        if (Path.GetFileName(Path.GetDirectoryName(path)) == ContentCache.Networks)
            return Network(key, mutant);
        int count = _ofImages.Settings.Images, length = _ofImages.Network.Input.Length;
        return _cache.Get(ContentCache.Images, key) is { } bytes
            && SharedImages.Parse(bytes, count, count * length) is { } images
                ? Execution.Run(_ofImages, images.Pixels[..length], mutant)
                : Outcome.Refused;
    }

    private Outcome Network(string key, int mutant)
    {
        using ITrainableModel model = _ofNetwork.Gradients.Create(_ofNetwork.Network, threads: 1);
        new NetworkCache(_cache).Get(
            key, _ofNetwork, model, new Silent(),
            () => throw new RequestException("is to be trained again"), CancellationToken.None);
        return Execution.Run(
            _ofNetwork, _ofNetwork.Data.Test.Images(0, 1).ToArray(), mutant);
    }

    private static StudyInputs Inputs()
    {
        StudySettings settings = StudyFile.Read("small.yaml").Settings;
        return StudyInputs.Read(settings, new DataFolders(["."])).ForSeed(settings.Seed);
    }
}
