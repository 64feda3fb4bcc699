using Microsoft.Playwright;

namespace QSim.Runner.Tests.Reports;

/// <summary>Pages in the browser that the system has; nothing is fetched.</summary>
internal static class Browsing
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

    /// <summary>Nothing of a page is wider than its window, and no caption is cut.</summary>
    public static async Task AssertFits(IPage page)
    {
        Assert.Equal(
            await page.EvaluateAsync<int>("document.documentElement.clientWidth"),
            await page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
        Assert.Empty(await page.EvaluateAsync<string[]>(CutCaptions));
    }

    /// <summary>A page in a window of a width.</summary>
    public static async Task With(
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
