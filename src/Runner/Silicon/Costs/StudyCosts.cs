using QSim.Runner.Output.Progress;
using QSim.Runner.Studies;
using QSim.Runner.Studies.Costs;

namespace QSim.Runner.Silicon.Costs;

/// <summary>Says what the circuits of a study cost: the first seed's networks.</summary>
internal static class StudyCosts
{
    /// <summary>What is asked of the tools here.</summary>
    /// <exception cref="RequestException">Nothing can answer it.</exception>
    public static CostRequest Request(StudyCost cost)
    {
        var target = CostTarget.Find(cost.Target);
        var request = new CostRequest(
            target, CostTools.Find(target, cost.Liberty), EnergyConstants.Horowitz, null);
        request.Check();
        return request;
    }

    /// <summary>Measures, or asks the fitted model.</summary>
    /// <param name="study">The study.</param>
    /// <param name="work">Its cells, and where things are kept.</param>
    /// <param name="networks">Networks that were trained before.</param>
    /// <param name="threads">Most threads; 0 for one per core.</param>
    /// <param name="progress">Told how it gets on.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="RequestException">A program fails.</exception>
    public static RunCosts Make(
        StudyInputs study, StudyWork work, NetworkCache networks, int threads,
        IProgressSink progress, CancellationToken cancellation)
    {
        CostRequest request = Request(study.Settings.Cost!);
        StudyInputs inputs = study.ForSeed(study.Settings.Seed);
        using NetworkList trained = NetworkList.Train(
            inputs, work.Keys, networks, threads, progress, cancellation);
        using HardwareList hardware = HardwareList.Create(
            inputs, progress, t => trained.Of(t).Network, cancellation: cancellation);
        return CostRows.Of(ProfileCosts.Of(
            hardware.All, inputs.Data.Test, request with { MayLack = true }, work.Cache,
            progress, cancellation));
    }
}
