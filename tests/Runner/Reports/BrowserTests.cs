using Microsoft.Playwright;

namespace QSim.Runner.Tests.Reports;

/// <summary>The page in a real browser: the one that the system has, nothing is fetched.</summary>
public class BrowserTests(RunFixture fixture) : IClassFixture<RunFixture>
{
    /// <summary>Of a table's words with what is behind them, as WCAG 2 counts it.</summary>
    private const string LeastContrast = """
        (() => {
          const numbers = colour => colour.match(/[\d.]+/g).map(Number);
          const light = rgb => rgb.map(c => c / 255)
            .map(c => c <= .03928 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4)
            .reduce((sum, c, i) => sum + c * [.2126, .7152, .0722][i], 0);
          const paper = numbers(getComputedStyle(document.body).backgroundColor);
          return Math.min(...[...document.querySelectorAll('td, td small')].map(words => {
            const [r, g, b, a = 1] = numbers(
              getComputedStyle(words.closest('td')).backgroundColor);
            const two = [
              light(numbers(getComputedStyle(words).color).slice(0, 3)),
              light([r, g, b].map((c, i) => c * a + paper[i] * (1 - a)))];
            return (Math.max(...two) + .05) / (Math.min(...two) + .05);
          }));
        })()
        """;

    private const string WordsBeyondBoxes = """
        [...document.querySelectorAll('#cost svg')].flatMap(picture => {
          const boxes = [...picture.querySelectorAll('rect')].map(r => r.getBoundingClientRect());
          return [...picture.querySelectorAll('text')].filter(text => {
            const words = text.getBoundingClientRect(), middle = (words.left + words.right) / 2;
            return boxes.some(b => b.left < middle && middle < b.right
              && (words.left < b.left || words.right > b.right));
          }).map(text => text.textContent);
        })
        """;

    [SkippableTheory]
    [InlineData(1280, ColorScheme.Light, true)]
    [InlineData(1280, ColorScheme.Dark, false)]
    [InlineData(1300, ColorScheme.Light, true)]
    [InlineData(500, ColorScheme.Light, true)]
    [InlineData(390, ColorScheme.Light, false)]
    [InlineData(390, ColorScheme.Dark, true)]
    public async Task Page_AnyWindow_FitsAsksNothingAndComplainsOfNothing(
        int width, ColorScheme scheme, bool script)
    {
        var complaints = new List<string>();
        var requests = new List<string>();

        await Browsing.With(width, scheme, script, async page =>
        {
            page.Console += (_, message) => complaints.Add(message.Text);
            page.PageError += (_, error) => complaints.Add(error);
            page.Request += (_, request) => requests.Add(request.Url);
            await page.GotoAsync(Url);
            await page.WaitForLoadStateAsync(LoadState.NetworkIdle);

            await Browsing.AssertFits(page);
            string paper = await page.EvaluateAsync<string>(
                "getComputedStyle(document.body).backgroundColor");
            Assert.Equal(
                scheme == ColorScheme.Dark ? "rgb(21, 23, 26)" : "rgb(255, 255, 255)", paper);
            Assert.Equal(script, await page.Locator("th button").CountAsync() > 0);
            Assert.True(await page.Locator("#verdict-heading").IsVisibleAsync());
            Assert.InRange(await page.EvaluateAsync<double>(LeastContrast), 4.5, 21);
            Assert.Empty(await page.EvaluateAsync<string[]>(WordsBeyondBoxes));
        });

        Assert.Empty(complaints);
        // Pictures that a page holds itself are not fetched from anywhere.
        Assert.Equal([Url], requests.Where(r => !r.StartsWith("data:")));
    }

    [SkippableFact]
    public async Task Page_WithScript_SortsTogglesAndTells() =>
        await Browsing.With(
            1280,
            ColorScheme.Light,
            true,
            async page =>
            {
                await page.GotoAsync(Url);
                ILocator table = page.Locator("#cost table").First,
                    heading = table.Locator("thead th").Nth(6);
                ILocator numbers = table.Locator("tbody tr td:nth-child(7)");
                await heading.Locator("button").ClickAsync();
                Assert.Equal("ascending", await heading.GetAttributeAsync("aria-sort"));
                long[] sorted = [.. (await numbers.AllTextContentsAsync()).Select(long.Parse)];
                Assert.Equal(sorted.Order(), sorted);
                await heading.Locator("button").ClickAsync();
                Assert.Equal("descending", await heading.GetAttributeAsync("aria-sort"));
                Assert.Equal(
                    sorted.Reverse(), (await numbers.AllTextContentsAsync()).Select(long.Parse));

                ILocator chart = page.Locator(".chart").First;
                await chart.Locator(".legend button").Nth(1).ClickAsync();
                Assert.Equal(
                    "false",
                    await chart.Locator(".legend button").Nth(1).GetAttributeAsync("aria-pressed"));
                Assert.NotEqual(0, await chart.Locator("svg .off").CountAsync());

                await chart.Locator(".series .point").First.HoverAsync(new() { Force = true });
                Assert.Contains("95 % interval", await page.Locator("#tip").TextContentAsync());
            });

    private string Url => new Uri(Path.Combine(fixture.Run, "report.html")).AbsoluteUri;
}
