using QSim.Attacks.Evaluation;
using QSim.Attacks.Tests.Methods;
using QSim.Attacks.Methods.Settings;
using QSim.Runner.Studies;

namespace QSim.Runner.Tests.Studies;

public class AttackListTests
{
    [Fact]
    public void Names_EveryAttackThereIs_CanBeAskedFor() => Assert.Equal(
        AttackRegistry.All(Norm.Linf).Select(a => AttackRegistry.Family(a.Name)).Order(),
        AttackList.Names.Order());

    [Theory]
    [InlineData("pgd", "pgd-40")]
    [InlineData("pgd-20", "pgd-20")]
    [InlineData("pgd:steps=20", "pgd-20")]
    [InlineData("pgd:steps=40", "pgd-40")]
    [InlineData("pgd:loss=scaled", "pgd-40:loss=scaled")]
    [InlineData("pgd-20:restarts=3:step=0.10", "pgd-20:step=0.1:restarts=3")]
    [InlineData("apgd-ce", "apgd-ce")]
    [InlineData("apgd-ce-50:step=1", "apgd-ce-50:step=1")]
    [InlineData("square-500:share=0.05", "square-500:share=0.05")]
    [InlineData("fgsm:loss=ce", "fgsm")]
    public void Create_Settings_AreInTheNameWhereTheyAreNotTheDefault(string text, string name) =>
        Assert.Equal(name, AttackList.Create(text, Norm.Linf).Attack.Name);

    [Theory]
    [InlineData("pdg", "unknown attack 'pdg'")]
    [InlineData("fgsm-3", "unknown attack 'fgsm-3'")]
    [InlineData("pgd-0", "unknown attack 'pgd-0'")]
    [InlineData("square:loss=ce", "attack 'square' has no setting 'loss'")]
    [InlineData("pgd:los=ce", "attack 'pgd' has no setting 'los'; did you mean 'loss'?")]
    [InlineData("pgd:loss=x", "attack 'pgd': loss 'x' (supported: ce, scaled, dlr, margin)")]
    [InlineData("pgd:steps=1.5", "attack 'pgd': steps '1.5' (supported: 1..100000)")]
    [InlineData("pgd:step=-1", "attack 'pgd': step '-1' (supported: 0..1000, or as in 2.5/steps)")]
    [InlineData("pgd-20:steps=30", "attack 'pgd': steps is given twice")]
    [InlineData("pgd:steps", "attack 'pgd': 'steps' is not a setting")]
    [InlineData("fgsm:restarts=2", "attack 'fgsm' does not start at random")]
    public void Create_WhatCannotBe_IsOneLine(string text, string message)
    {
        string actual = Assert.Throws<RequestException>(
            () => AttackList.Create(text, Norm.Linf)).Message;
        Assert.StartsWith(message, actual);
        Assert.DoesNotContain('\n', actual);
    }

    /// <summary>
    /// One table has every default, and is what attacks are made with. QSIM_WRITE_REFERENCE=1
    /// writes it.
    /// </summary>
    [Fact]
    public void Readme_TableOfSettings_IsTheList()
    {
        const string Head = "| attack | what can be set, and what it is otherwise |\n|---|---|\n";
        string path = Path.Combine(Shared.Repository, "src", "Attacks", "README.md");
        string readme = File.ReadAllText(path);
        int start = readme.IndexOf(Head, StringComparison.Ordinal) + Head.Length;
        int end = readme.IndexOf("\n\n", start, StringComparison.Ordinal) + 1;
        string table = string.Concat(AttackForms.All.Select(form =>
            $"| `{form.Name}` | "
                + string.Join(", ", form.Settings.Select(s => $"{s.Key} {s.Default}")) + " |\n"));
        if (Environment.GetEnvironmentVariable("QSIM_WRITE_REFERENCE") == "1")
            File.WriteAllText(path, readme[..start] + table + readme[end..]);
        else
            Assert.Equal(table, readme[start..end]);
    }
}
