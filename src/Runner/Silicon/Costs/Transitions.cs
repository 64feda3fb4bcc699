namespace QSim.Runner.Silicon.Costs;

/// <summary>
/// Counts changes between 0 and 1 of cells' pins in a value change dump, in one pass.
/// </summary>
internal sealed class Transitions
{
    private readonly Dictionary<string, Net> _nets = [];
    private readonly Dictionary<string, List<(string Pin, Net Net)>> _tops = [];
    private readonly List<string> _scope = [];

    private Transitions()
    {
    }

    /// <summary>Changes by <c>cell/PIN</c>, by the top module's instance.</summary>
    /// <param name="dump">The dump.</param>
    public static Dictionary<string, Dictionary<string, long>> Read(TextReader dump)
    {
        var read = new Transitions();
        while (dump.ReadLine() is { } line) read.Take(line);
        return read._tops.ToDictionary(
            t => t.Key, t => t.Value.ToDictionary(p => p.Pin, p => p.Net.Count));
    }

    private void Take(string line)
    {
        if (line.Length == 0) return;
        if (line[0] is '0' or '1' or 'x' or 'z')
            _nets.GetValueOrDefault(line[1..])?.Set(line[0]);
        else if (line[0] == '$') Declare(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
    }

    /// <summary><c>$scope module NAME $end</c>, <c>$var wire 1 ID NAME $end</c>.</summary>
    private void Declare(string[] words)
    {
        if (words is ["$scope", _, var scope, ..]) _scope.Add(scope);
        else if (words[0] == "$upscope") _scope.RemoveAt(_scope.Count - 1);
        else if (words is ["$var", _, "1", var id, var name, ..]
            && _scope is [_, var top, var cell])
        {
            if (!_nets.TryGetValue(id, out Net? net)) _nets[id] = net = new();
            if (!_tops.TryGetValue(top, out var pins)) _tops[top] = pins = [];
            pins.Add(($"{cell}/{name}", net));
        }
    }

    private sealed class Net
    {
        private char _value = 'x';

        public long Count { get; private set; }

        public void Set(char value)
        {
            if (_value is '0' or '1' && value is '0' or '1' && value != _value) Count++;
            _value = value;
        }
    }
}
