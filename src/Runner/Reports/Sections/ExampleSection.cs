using System.Runtime.InteropServices;
using System.Xml.Linq;
using QSim.Attacks.Evaluation;
using QSim.Runner.Output;
using QSim.Runner.Reports.Documents;
using QSim.Runner.Studies.Examples;

namespace QSim.Runner.Reports.Sections;

/// <summary>
/// Images on which hardware and the float network part: as they were, what was added, what came of
/// it.
/// </summary>
internal static class ExampleSection
{
    /// <summary>The section; null where nothing was attacked yet.</summary>
    public static ReportSection? Of(ReportData data)
    {
        if (data.Results.Accuracy.All(c => c.Threat is null)) return null;
        return new("examples", "Examples", [.. Blocks(data)]);
    }

    private static IEnumerable<ReportBlock> Blocks(ReportData data)
    {
        if (data.Examples is not { } examples)
        {
            yield return new Paragraph(
                "This folder holds no example images: they are made when a run finishes, and a run "
                    + "that was merged from shards, or made by an older version, has none.");
            yield break;
        }

        if (examples.Images.Count == 0)
        {
            yield return new Paragraph(
                "No image is right on one of float and hardware and wrong on the other under the "
                    + "same attack.");
            yield break;
        }

        yield return new Paragraph(
            "For each profile the first image that breaks it while the float network withstands, "
                + "or the other way round, at the attack and budget where there are most of them. "
                + "They were chosen to show a difference and prove nothing. The change is drawn "
                + "around mid-grey; its scale is under each picture.");
        yield return new Gallery([.. examples.Images.Select(e => Picture(data, examples, e))]);
    }

    private static Figure Picture(ReportData data, ExampleSet set, Example example)
    {
        float[] original = Unpack(example.Original), adversarial = Unpack(example.Adversarial);
        float[] change = [.. adversarial.Zip(original, (a, o) => a - o)];
        float most = change.Max(Math.Abs);
        float[] drawn = [.. change.Select(c => 0.5f + (most > 0 ? c / most / 2 : 0))];
        double size = new Budget(data.Study.Settings.Norm, example.Epsilon).Distance(
            original, adversarial);
        var content = new XElement(
            "div", new XAttribute("class", "example"),
            Image(set, original, $"image {example.Image}, class {example.Label}", "original"),
            Image(
                set, drawn, $"the change of image {example.Image}",
                $"change, white = +{Words.Number(most)}"),
            Image(set, adversarial, $"image {example.Image} after the attack", "after the attack"));
        string says = string.Join(
            "; ",
            example.Decisions.Select(d => $"{d.Target} says {d.Clean}, then {d.Adversarial}"));
        bool isShared = example.Threat == ThreatModel.Transfer;
        string against = isShared ? "made on the float network" : $"against {example.Broken}";
        string other = isShared
            ? ""
            : $" The attack on {example.Standing} itself failed at this budget.";
        return new(
            content,
            $"Test image {example.Image}, class {example.Label}. {example.Attack} at "
                + $"{example.Epsilon}, threat model {EnumWord.Of(example.Threat)}, {against}: "
                + $"change of size {Words.Number(size)} "
                + $"({NormNames.Of(data.Study.Settings.Norm)}). On these pixels {says}.{other}");
    }

    private static XElement Image(
        ExampleSet set, float[] pixels, string alternative, string caption) =>
        new(
            "span",
            new XElement(
                "img", new XAttribute("alt", alternative), new XAttribute("width", "96"),
                new XAttribute("height", "96"),
                new XAttribute("src", Png.DataUri(set.Channels, set.Rows, set.Columns, pixels))),
            new XElement("small", caption));

    private static float[] Unpack(string base64) =>
        MemoryMarshal.Cast<byte, float>(Convert.FromBase64String(base64)).ToArray();
}
