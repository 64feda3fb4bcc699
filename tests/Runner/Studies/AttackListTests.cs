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
}
