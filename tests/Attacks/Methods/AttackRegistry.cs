using System.Reflection;
using QSim.Attacks.Evaluation;
using QSim.Attacks.Methods;

namespace QSim.Attacks.Tests.Methods;

/// <summary>
/// Every attack that the assembly offers with its authors' numbers: found by reflection, so that
/// one that is new is held to what all are held to.
/// </summary>
internal static class AttackRegistry
{
    /// <summary>Those that cannot be made from nothing; others stand for them.</summary>
    private static readonly Type[] Composed =
    [
        typeof(AttackSequence), // autoattack, ensemble
        typeof(BorrowedStart), // ensemble
        typeof(QSim.Attacks.Methods.Adaptive.PixelByPixel), // ensemble
        typeof(QSim.Attacks.Methods.Overflow.OverflowAttack), // overflow, made for a design
        typeof(QSim.Attacks.Methods.Adaptive.AdaptiveAttack), // adaptive, made for a design
    ];

    /// <summary>Without a part of the ensemble that is nothing by itself.</summary>
    private static readonly Type[] Types =
    [
        .. typeof(IAttack).Assembly.GetTypes()
            .Where(t => !t.IsNested && t != typeof(BorrowedOwn)),
    ];

    private const BindingFlags Static =
        BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly;

    /// <summary>Each under a norm.</summary>
    public static IReadOnlyList<IAttack> All(Norm norm) =>
    [
        .. Types.SelectMany(type => type.GetConstructors().Cast<MethodBase>().Concat(
                type.GetMethods(Static)))
            .Where(m => typeof(IAttack).IsAssignableFrom(Made(m)) && !Made(m).IsInterface)
            .Where(m => m.GetParameters().All(p => p.HasDefaultValue))
            .Select(m => Make(m, norm)),
    ];

    /// <summary>Kinds of attack that are made by nobody and stood for by nobody.</summary>
    public static IEnumerable<Type> Forgotten() =>
        Types.Where(t => t is { IsClass: true, IsAbstract: false })
            .Where(typeof(IAttack).IsAssignableFrom)
            .Except(Composed)
            .Except(All(Norm.Linf).Select(a => a.GetType()));

    /// <summary>A name without a number of steps.</summary>
    public static string Family(string name) => name.TrimEnd([.. "0123456789"]).TrimEnd('-');

    private static Type Made(MethodBase method) =>
        method is MethodInfo info ? info.ReturnType : method.DeclaringType!;

    private static IAttack Make(MethodBase method, Norm norm)
    {
        object?[] arguments =
        [
            .. method.GetParameters()
                .Select(p => p.ParameterType == typeof(Norm) ? norm : p.DefaultValue),
        ];
        return (IAttack)(method is ConstructorInfo made
            ? made.Invoke(arguments)
            : ((MethodInfo)method).Invoke(null, arguments)!);
    }
}
