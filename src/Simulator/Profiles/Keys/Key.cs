using QSim.Simulator.Profiles.Documents;

namespace QSim.Simulator.Profiles.Keys;

/// <summary>
/// Rows of the key table: what a key is called, what it may say, and what that sets. There is no
/// other place that knows what a word means.
/// </summary>
internal static class Key
{
    /// <summary>A key with one value.</summary>
    /// <typeparam name="TRecord">What the mapping describes.</typeparam>
    /// <typeparam name="TValue">What the value means.</typeparam>
    /// <param name="name">The key.</param>
    /// <param name="type">What its value may be, and what that means.</param>
    /// <param name="summary">What it says, in one sentence.</param>
    /// <param name="set">Puts the value into the record.</param>
    public static KeySpec Of<TRecord, TValue>(
        string name, IValueType<TValue> type, string summary, Func<TRecord, TValue, TRecord> set)
        where TRecord : class =>
        new(name, (KeyType)type, summary)
        {
            Set = (record, node) => set((TRecord)record, type.Value((ScalarNode)node)),
        };

    /// <summary>A key whose mapping describes a record of its own.</summary>
    /// <typeparam name="TRecord">What the mapping around it describes.</typeparam>
    /// <typeparam name="TPart">What its own mapping describes.</typeparam>
    /// <param name="name">The key.</param>
    /// <param name="type">Its mapping.</param>
    /// <param name="summary">What it says, in one sentence.</param>
    /// <param name="blank">The part before any key has said anything.</param>
    /// <param name="set">Puts the part into the record.</param>
    public static KeySpec Part<TRecord, TPart>(
        string name, MapType type, string summary, TPart blank, Func<TRecord, TPart, TRecord> set)
        where TRecord : class
        where TPart : class =>
        new(name, type, summary)
        {
            Set = (record, node) => set((TRecord)record, type.Bind(blank, (MapNode)node)),
        };

    /// <summary>The same with a word that stands for not having the part.</summary>
    /// <typeparam name="TRecord">What the mapping around it describes.</typeparam>
    /// <typeparam name="TPart">What its own mapping describes.</typeparam>
    /// <param name="name">The key.</param>
    /// <param name="type">The word and the mapping.</param>
    /// <param name="summary">What it says, in one sentence.</param>
    /// <param name="blank">The part before any key has said anything.</param>
    /// <param name="set">Puts the part, or null for the word, into the record.</param>
    public static KeySpec OptionalPart<TRecord, TPart>(
        string name, WordOrMapType type, string summary, TPart blank,
        Func<TRecord, TPart?, TRecord> set)
        where TRecord : class
        where TPart : class =>
        new(name, type, summary)
        {
            Set = (record, node) => set(
                (TRecord)record, node is MapNode map ? type.Map.Bind(blank, map) : null),
        };

    /// <summary>A key whose mapping describes the same record as the mapping around it.</summary>
    /// <typeparam name="TRecord">That record.</typeparam>
    /// <param name="name">The key.</param>
    /// <param name="type">Its mapping.</param>
    /// <param name="summary">What it says, in one sentence.</param>
    public static KeySpec Group<TRecord>(string name, MapType type, string summary)
        where TRecord : class =>
        new(name, type, summary)
        {
            Set = (record, node) => type.Bind((TRecord)record, (MapNode)node),
        };
}
