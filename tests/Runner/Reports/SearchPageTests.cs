using Microsoft.Playwright;
using QSim.Runner.Tests.CommandLine;

namespace QSim.Runner.Tests.Reports;

/// <summary>The pages of a sweep, a search and a sensitivity in a browser.</summary>
public class SearchPageTests(SearchPageTests.Pages pages) : IClassFixture<SearchPageTests.Pages>
{
    // Letters outside of their picture are cut off; letters of marks that touch cannot be read.
    private const string CutLetters = """
        [...document.querySelectorAll('.chart > svg')].flatMap(svg => {
          const box = svg.getBoundingClientRect();
          return [...svg.querySelectorAll('text')].filter(t => {
            const own = t.getBoundingClientRect();
            return own.width > 0 && (own.left < box.left - 1 || own.right > box.right + 1
              || own.top < box.top - 1 || own.bottom > box.bottom + 1);
          }).map(t => svg.querySelector('title').textContent + ': ' + t.textContent);
        })
        """;

    private const string TouchingMarks = """
        [...document.querySelectorAll('.chart > svg')].flatMap(svg => {
          const marks = [...svg.querySelectorAll('.tick')].map(t => t.getBoundingClientRect());
          return marks.slice(1).filter((m, i) => Math.abs(m.top - marks[i].top) < 2
            && m.left > marks[i].left && m.left < marks[i].right + 1)
            .map(m => svg.querySelector('title').textContent + ' at ' + m.left);
        })
        """;

    [SkippableTheory]
    [InlineData("r", 390, false)]
    [InlineData("r", 500, true)]
    [InlineData("r", 1300, false)]
    [InlineData("s", 390, false)]
    [InlineData("s", 500, true)]
    [InlineData("s", 1300, false)]
    [InlineData("b", 390, false)]
    [InlineData("b", 1300, false)]
    public async Task Page_AnyWindow_Fits(string folder, int width, bool script) =>
        await Browsing.With(width, ColorScheme.Light, script, async page =>
        {
            await page.GotoAsync(pages.Url(folder));

            await Browsing.AssertFits(page);
            Assert.True(await page.Locator(".chart > svg").First.IsVisibleAsync());
            Assert.Empty(await page.EvaluateAsync<string[]>(CutLetters));
            Assert.Empty(await page.EvaluateAsync<string[]>(TouchingMarks));
        });

    [SkippableTheory]
    [InlineData(390)]
    [InlineData(1300)]
    public async Task Front_WithoutScript_PointsSayWhatTheyAreAndLeadToIt(int width) =>
        await Browsing.With(width, ColorScheme.Light, false, async page =>
        {
            await page.GotoAsync(pages.Url("s"));
            ILocator points = page.Locator("[data-name=front] a");
            int count = await points.CountAsync();
            Assert.True(count >= 2, $"{count} points");
            for (int i = 0; i < count; i++)
            {
                string link = (await points.Nth(i).GetAttributeAsync("href"))!;
                string tip = (await points.Nth(i).Locator("title").TextContentAsync())!;
                Assert.Matches(
                    @"^front-\d+: (bit_operations [\d ]+), (clean|worst at 16/255) [\d.]+$", tip);
                Assert.StartsWith($"{link[1..]}:", tip);
                Assert.Equal(1, await page.Locator(link).CountAsync());
            }

            await points.First.ClickAsync(new() { Force = true });
            Assert.Matches("#front-\\d+$", page.Url);
        });

    /// <summary>One sweep, one search and one sensitivity, small.</summary>
    public sealed class Pages : IDisposable
    {
        private const string Study = """
            schema: qsim/study/1
            name: pages
            epochs: 3
            images: 40
            calibration_images: 16
            profiles: [int8-wide]
            sweep:
              weight.bits: [3, 4, 8]
              mac.accumulator.bits: [12, 14..18 step 2]
              mac.accumulator.overflow: [WRAP, SAT]
            tolerance: 5
            attacks: [fgsm]
            epsilons: [16/255]
            search:
              objectives: [clean, worst at 16/255, bit_operations]
              evaluations: 12
              population: 6
              held_back: 40
            """;

        public Pages()
        {
            File.WriteAllText(_folder.File("s.yaml"), Study);
            string[][] commands =
            [
                ["run", "s.yaml", "--out", "r"], ["search", "s.yaml", "--out", "s"],
                [
                    "sensitivity", "--profile", "int4", "--epochs", "3", "--images", "40",
                    "--calibration-images", "16", "--attacks", "fgsm", "--epsilons", "16/255",
                    "--out", "b",
                ],
            ];
            foreach (string[] command in commands)
            {
                Finished run = Qsim.RunIn(_folder.Path, [.. command, "--quiet"]);
                Assert.Equal((0, ""), (run.ExitCode, run.Error));
            }
        }

        private readonly TemporaryFolder _folder = new();

        public string Url(string folder) =>
            new Uri(_folder.File($"{folder}/report.html")).AbsoluteUri;

        public void Dispose() => _folder.Dispose();
    }
}
