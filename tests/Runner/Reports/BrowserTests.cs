using Microsoft.Playwright;

namespace QSim.Runner.Tests.Reports;

/// <summary>The page in a real browser: the one that the system has, nothing is fetched.</summary>
public class BrowserTests(RunFixture fixture) : IClassFixture<RunFixture>
{
    private static readonly string? Browser = new[]
    {
        "/usr/bin/chromium",
        "/usr/bin/chromium-browser",
        "/usr/bin/google-chrome",
    }.FirstOrDefault(File.Exists);

    // A table may scroll; what it is about is in its frame, whole, and nothing is in no frame.
    private const string CutCaptions = """
        [...document.querySelectorAll('table')].filter(t => {
          const frame = t.closest('.table').getBoundingClientRect();
          const text = t.caption.querySelector('span').getBoundingClientRect();
          return text.width < 1 || text.right > frame.right + 1 || text.left < frame.left - 1
            || t.caption.querySelector('span').scrollWidth > text.width + 1;
        }).map(t => t.caption.textContent)
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

        await With(width, scheme, script, async page =>
        {
            page.Console += (_, message) => complaints.Add(message.Text);
            page.PageError += (_, error) => complaints.Add(error);
            page.Request += (_, request) => requests.Add(request.Url);
            await page.GotoAsync(Url);
            await page.WaitForLoadStateAsync(LoadState.NetworkIdle);

            Assert.Equal(
                await page.EvaluateAsync<int>("document.documentElement.clientWidth"),
                await page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
            string paper = await page.EvaluateAsync<string>(
                "getComputedStyle(document.body).backgroundColor");
            Assert.Equal(
                scheme == ColorScheme.Dark ? "rgb(21, 23, 26)" : "rgb(255, 255, 255)", paper);
            Assert.Equal(script, await page.Locator("th button").CountAsync() > 0);
            Assert.True(await page.Locator("#verdict-heading").IsVisibleAsync());
            Assert.Empty(await page.EvaluateAsync<string[]>(CutCaptions));
        });

        Assert.Empty(complaints);
        // Pictures that a page holds itself are not fetched from anywhere.
        Assert.Equal([Url], requests.Where(r => !r.StartsWith("data:")));
    }

    [SkippableFact]
    public async Task Page_WithScript_SortsTogglesAndTells() =>
        await With(
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

    private static async Task With(
        int width, ColorScheme scheme, bool script, Func<IPage, Task> test)
    {
        Skip.If(Browser is null, "there is no chromium here (Debian: apt-get install chromium)");
        using IPlaywright playwright = await Playwright.CreateAsync();
        await using IBrowser browser = await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = Browser,
            // Scroll bars take their place, as in most windows.
            IgnoreDefaultArgs = ["--hide-scrollbars"],
            Args = Environment.UserName == "root" ? ["--no-sandbox"] : [],
        });
        await using IBrowserContext context = await browser.NewContextAsync(new()
        {
            ViewportSize = new() { Width = width, Height = 900 },
            ColorScheme = scheme,
            JavaScriptEnabled = script,
        });
        await test(await context.NewPageAsync());
    }
}
