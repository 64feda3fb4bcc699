using System.Globalization;
using QSim.Runner.Output;
using QSim.Runner.Studies.Costs;
using QSim.Silicon.Cost;

namespace QSim.Runner.Silicon.Costs;

/// <summary>What was found of some profiles.</summary>
/// <param name="Request">What was asked.</param>
/// <param name="Versions">The programs that measured.</param>
/// <param name="Profiles">Units by profile, in the order that was asked.</param>
/// <param name="Without">Layers without a unit, with the reason.</param>
internal sealed record CostReport(
    CostRequest Request, string Versions,
    IReadOnlyList<(string Profile, IReadOnlyList<UnitCost> Units)> Profiles,
    IReadOnlyList<(string Layer, string Reason)> Without)
{
    /// <summary>The version of the document.</summary>
    public const string Schema = "qsim/cost/1";

    /// <summary>What units were synthesised for.</summary>
    public CostTarget Target => Request.Target;

    /// <summary>The rows of a table of units.</summary>
    public IEnumerable<CostRow> Rows => Profiles.SelectMany(p => CostRows.Of(p.Profile, p.Units));

    private IEnumerable<Figure> Figures => Profiles.SelectMany(p => p.Units)
        .SelectMany(u => u.Parts).SelectMany(p => p.Figures.Values);

    /// <summary>Whether any figure is the fitted model's.</summary>
    public bool IsModelled => Figures.Any(f => !f.IsMeasured);

    /// <summary>Whether any figure was measured.</summary>
    public bool IsMeasured => Figures.Any(f => f.IsMeasured);

    /// <summary>Every profile's image.</summary>
    public IReadOnlyList<NetworkCost> Networks =>
        [.. Profiles.Where(p => p.Units.Count > 0)
            .Select(p => NetworkCost.Of(p.Profile, p.Units, Request.Constants))];

    /// <summary>The tables, then what they mean.</summary>
    public void Write(Screen screen)
    {
        string[] columns = [.. Target.Columns];
        new TextTable(
            ["profile", "layer", "part", "unit", .. columns.Select(Header)],
            [
                .. from profile in Profiles
                   from unit in profile.Units
                   from part in unit.Parts
                   select new[]
                   {
                       profile.Profile, unit.Layer, part.Part,
                       part.Part == CostUnit.Accumulate ? unit.Shape.Brief : "",
                   }.Concat(columns.Select(c => Text(part.Figures.GetValueOrDefault(c), c)))
                    .ToArray(),
            ])
        {
            RightAligned = new HashSet<int>(Enumerable.Range(4, columns.Length)),
        }.Write(screen);
        screen.Line();
        WriteNetworks(screen);
        screen.Line();
        foreach (string line in CostLegend.Of(this)) screen.Line(line);
    }

    private void WriteNetworks(Screen screen)
    {
        new TextTable(
            ["one image", "MACs", "bit operations", "updates", "on chip KB", "off chip KB"],
            [
                .. Networks.Select(n => new[]
                {
                    n.Profile, Number(n.Macs), Number(n.BitOperations), Number(n.Updates),
                    Number(n.OnChipBytes / 1000), Number(n.OffChipBytes / 1000),
                }),
            ])
        {
            RightAligned = new HashSet<int>(Enumerable.Range(1, 5)),
        }.Write(screen);
        screen.Line();
        new TextTable(
            ["nJ of one image", "units", "45 nm:", "arithmetic", "on chip", "off chip", "together"],
            [
                .. Networks.Select(n => new[]
                {
                    n.Profile, n.UnitsNanojoules is { } e ? Number(e) : "-", "",
                    Number(n.ArithmeticNanojoules), Number(n.OnChipNanojoules),
                    Number(n.OffChipNanojoules), Number(n.TotalNanojoules),
                }),
            ])
        {
            RightAligned = new HashSet<int>(Enumerable.Range(1, 6)),
        }.Write(screen);
    }

    /// <summary>Everything as one JSON document.</summary>
    public object Document() => new
    {
        Schema,
        Target = Target.Name,
        Library = Request.Tools.Library?.Name,
        LibrarySha256 = Request.Tools.Library?.Sha256,
        Tools = Versions,
        Missing = Request.Tools.Missing(Target),
        Constants = new
        {
            EnergyConstants.Source,
            OnChipPjPerBit = Request.Constants.OnChip,
            OffChipPjPerBit = Request.Constants.OffChip,
        },
        Units =
            from profile in Profiles
            from unit in profile.Units
            select new
            {
                profile.Profile,
                unit.Layer,
                unit.Shape,
                unit.Work,
                Parts = unit.Parts.Select(p => new
                {
                    p.Part,
                    p.Figures,
                    Terms = Terms(p.Part, PartCost.Area, unit.Shape),
                    PathTerms = Terms(p.Part, PartCost.Path, unit.Shape),
                }),
            },
        Networks,
        Without = Without.Select(w => new { w.Layer, w.Reason }),
        Model = CostModel.Shipped.Of(Target),
    };

    private static Dictionary<string, double> Terms(string part, string column, UnitShape unit) =>
        CostModel.Terms(part, column, unit).ToDictionary(t => t.Name, t => t.Value);

    private static string Header(string column) => column switch
    {
        PartCost.Area => "area um2",
        PartCost.Path => "path ns",
        PartCost.Energy => "pJ per use",
        _ => column is PartCost.Cells ? column : column.ToUpperInvariant(),
    };

    private static string Text(Figure? figure, string column) => figure is null
        ? "-"
        : (figure.IsMeasured ? "" : "~") + figure.Value.ToString(
            column is PartCost.Path or PartCost.Energy ? "F2" : "F0",
            CultureInfo.InvariantCulture);

    private static string Number(double value) => value.ToString(
        value < 100 ? "0.##" : "0", CultureInfo.InvariantCulture);
}
