using System.Globalization;
using QSim.Attacks.Evaluation;
using QSim.Runner.Output;
using QSim.Runner.Studies.Cells;
using QSim.Simulator.Arrays;

namespace QSim.Runner.Studies.Saved;

/// <summary>
/// Adversarial images of a study, one file per figure (target, attack, budget), in a folder of
/// their own beside the study that they are of.
/// </summary>
internal sealed class SavedImages
{
    private const string What = "images", Option = "--save-images";

    private readonly string _path;
    private readonly SideFolder _folder;
    private readonly bool _asPng;
    private readonly ResolvedStudy _study;

    private SavedImages(string path, SideFolder folder, bool asPng, ResolvedStudy study) =>
        (_path, _folder, _asPng, _study) = (path, folder, asPng, study);

    /// <summary>Opens a folder, created by the first file where there is none.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="asPng">Whether images that were broken are wanted as pictures too.</param>
    /// <param name="study">The study.</param>
    /// <exception cref="RequestException">
    /// It is a file, cannot be made, or holds another study's images.
    /// </exception>
    public static SavedImages Open(string folder, bool asPng, ResolvedStudy study) =>
        new(folder, SideFolder.Open(folder, What, Option, study), asPng, study);

    /// <summary>Whether a folder can be opened: see <see cref="SideFolder.Check"/>.</summary>
    public static void Check(string folder, ResolvedStudy study) =>
        SideFolder.Check(folder, What, Option, study);

    /// <summary>Whether a cell's file is still to be written.</summary>
    public bool Lacks(CellAddress cell) =>
        !File.Exists(Path.Combine(_path, NameOf(cell) + ".npz"));

    /// <summary>Writes a cell's file.</summary>
    /// <param name="cell">The cell.</param>
    /// <param name="images">The images as they were.</param>
    /// <param name="adversarial">After the attack.</param>
    /// <param name="judge">What the target made of both.</param>
    /// <param name="target">The target.</param>
    public void Save(
        CellAddress cell, LabelledImages images, float[] adversarial, JudgeResult judge,
        IClassifier target)
    {
        Budget budget = _study.Settings.Budget(cell.Epsilon);
        int length = images.Shape.Length;
        double[] distances =
        [
            .. Enumerable.Range(0, images.Count).Select(i =>
                budget.Distance(images.Image(i), adversarial.AsSpan(i * length, length))),
        ];
        long[]? raw = (target as HardwareClassifier)?.RawInputs(adversarial);
        using var file = new MemoryStream();
        NpzFile.Write(
            file, SavedCell.Arrays(cell, images, adversarial, judge, raw, distances));
        if (_asPng) Pictures(cell, images, adversarial, judge);
        _folder.Write(NameOf(cell) + ".npz", file.ToArray());
    }

    /// <summary>
    /// Images that were right before and wrong after, by number, class and decision.
    /// </summary>
    private void Pictures(
        CellAddress cell, LabelledImages images, float[] adversarial, JudgeResult judge)
    {
        var s = images.Shape;
        for (int i = 0; i < images.Count; i++)
        {
            if (judge.CleanClasses[i] != images.Labels[i] || judge.IsRobust(i)) continue;
            string name = string.Create(
                CultureInfo.InvariantCulture,
                $"{i:D5}-{images.Labels[i]}-as-{judge.AdversarialClasses[i]}.png");
            _folder.Write(
                Path.Combine(NameOf(cell), name),
                Png.File(
                    s.Channels, s.Rows, s.Columns,
                    _study.Settings.Pictures.AsPicture(
                        adversarial.AsSpan(i * s.Length, s.Length))));
        }
    }

    /// <summary>Without what it ends in.</summary>
    private string NameOf(CellAddress cell)
    {
        string seed = _study.Settings.Seeds.Count > 1
            ? string.Create(CultureInfo.InvariantCulture, $"seed{cell.Seed}-")
            : "";
        string name = $"{seed}{EnumWord.Of(cell.Threat!.Value)}-{cell.Target}-{cell.Attack}-"
            + $"{cell.Epsilon}";
        return Untrusted.FileName(name);
    }
}
