using QSim.Attacks.Evaluation;
using QSim.Attacks.Tests.Methods;
using QSim.Runner.Studies;

namespace QSim.Runner.Tests.Studies;

public class AttackListTests
{
    [Fact]
    public void Names_EveryAttackThereIs_CanBeAskedFor() => Assert.Equal(
        AttackRegistry.All(Norm.Linf).Select(a => AttackRegistry.Family(a.Name)).Order(),
        AttackList.Names.Order());

    [Theory]
    [InlineData(Norm.Linf)]
    [InlineData(Norm.L2)]
    [InlineData(Norm.L1)]
    public void Knowing_Norm_IsWhatTheAttacksSay(Norm norm) => Assert.Equal(
        AttackRegistry.All(norm).Where(a => a.WhyNot(norm) is null)
            .Select(a => AttackRegistry.Family(a.Name)).Order(),
        AttackList.Knowing(norm).Order());
}
