using System.Collections;
using System.Globalization;
using System.Reflection;

namespace Gateway.Api.Configuration;

/// <summary>
/// Binds configuration to options objects and reports everything that does not fit: unknown keys, values of a wrong type,
/// sections where a value belongs. The framework's binder stops at the first error and cannot name the key to write instead.
/// </summary>
/// <param name="errors">Takes what does not fit, under its full key.</param>
/// <param name="isSecret">Whether the value under a full key comes from where secrets are kept.</param>
internal sealed class StrictBinder(ConfigurationErrors errors, Func<string, bool> isSecret)
{
    /// <summary>Binds the children of <paramref name="section"/> to the properties of <paramref name="target"/>.</summary>
    /// <param name="section">The section.</param>
    /// <param name="target">An options object with its defaults; properties without a key keep them.</param>
    /// <param name="foreign">Child keys that somebody else binds.</param>
    public void Bind(IConfigurationSection section, object target, params IReadOnlyCollection<string> foreign)
    {
        if (!string.IsNullOrEmpty(section.Value))
        {
            errors.Add(section.Path, "This is a section with keys of its own, not a single value.");
            return;
        }

        var properties = BindableProperties(target.GetType());
        foreach (var child in section.GetChildren())
        {
            if (foreign.Contains(child.Key, StringComparer.OrdinalIgnoreCase))
            {
                continue;
            }

            var property = properties.Find(p => string.Equals(p.Name, child.Key, StringComparison.OrdinalIgnoreCase));
            if (property is null)
            {
                ReportUnknownKey(child, [.. properties.Select(p => p.Name), .. foreign]);
            }
            else if (Convert(child, property.PropertyType, property.GetValue(target)) is { } value)
            {
                Assign(property, target, value);
            }
        }
    }

    private static List<PropertyInfo> BindableProperties(Type type) =>
        [.. type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(IsBindable)];

    private static bool IsBindable(PropertyInfo property) =>
        property.GetIndexParameters().Length == 0
        && (property.SetMethod is { IsPublic: true } || ListItemType(property.PropertyType) is not null);

    private static void Assign(PropertyInfo property, object target, object value)
    {
        if (property.SetMethod is { IsPublic: true })
        {
            property.SetValue(target, value);
            return;
        }

        // A list without a setter is filled.
        var list = (IList)property.GetValue(target)!;
        list.Clear();
        foreach (var item in (IList)value)
        {
            list.Add(item);
        }
    }

    private void ReportUnknownKey(IConfigurationSection child, IReadOnlyCollection<string> known)
    {
        var advice = Spelling.Closest(child.Key, known) is { } meant
            ? $"did you mean {meant}?"
            : $"known here are {string.Join(", ", known.Order(StringComparer.Ordinal))}.";
        errors.Add(child.Path, $"Unknown key; {advice}");
    }

    /// <returns>The value; null for "keep the default", also after an error.</returns>
    private object? Convert(IConfigurationSection section, Type type, object? current)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (ConfigurationValue.CanParse(type))
        {
            return ConvertValue(section, type);
        }

        if (MapValueType(type) is { } mapped)
        {
            return ConvertMap(section, type, mapped);
        }

        if (ListItemType(type) is { } item)
        {
            return ConvertList(section, type, item);
        }

        // A fresh object, so that options bound twice never share what they changed.
        var nested = Activator.CreateInstance(current?.GetType() ?? type)!;
        Bind(section, nested);
        return nested;
    }

    private object? ConvertValue(IConfigurationSection section, Type type)
    {
        if (section.GetChildren().Any())
        {
            errors.Add(section.Path, "This is a single value, not a section or a list.");
            return null;
        }

        if (section.Value is null)
        {
            return null;
        }

        if (ConfigurationValue.TryParse(section.Value, type, isSecret(section.Path), out var value, out var advice))
        {
            return value;
        }

        errors.Add(section.Path, advice);
        return null;
    }

    private object? ConvertMap(IConfigurationSection section, Type type, Type valueType)
    {
        var map = (IDictionary)Activator.CreateInstance(typeof(Dictionary<,>).MakeGenericType(typeof(string), valueType))!;
        if (!string.IsNullOrEmpty(section.Value))
        {
            errors.Add(section.Path, "This is a section with names as its keys, not a single value.");
            return null;
        }

        foreach (var child in section.GetChildren())
        {
            if (Convert(child, valueType, null) is { } value)
            {
                map[child.Key] = value;
            }
        }

        return type.IsInstanceOfType(map) ? map : throw new NotSupportedException($"Options cannot hold a {type}.");
    }

    private object? ConvertList(IConfigurationSection section, Type type, Type itemType)
    {
        if (!string.IsNullOrEmpty(section.Value))
        {
            errors.Add(section.Path, $"This is a list: write [ … ] in JSON, or {section.Key}__0, {section.Key}__1 … as environment variables.");
            return null;
        }

        var items = (IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(itemType))!;
        foreach (var child in section.GetChildren())
        {
            if (!int.TryParse(child.Key, NumberStyles.None, CultureInfo.InvariantCulture, out _))
            {
                errors.Add(child.Path, "This is a list: its keys are 0, 1, 2 …");
            }
            else if (Convert(child, itemType, null) is { } value)
            {
                items.Add(value);
            }
        }

        if (!type.IsArray)
        {
            return items;
        }

        var array = Array.CreateInstance(itemType, items.Count);
        items.CopyTo(array, 0);
        return array;
    }

    private static Type? MapValueType(Type type) =>
        type.IsGenericType && type.GetGenericArguments() is [var key, var value] && key == typeof(string)
            && type.IsAssignableFrom(typeof(Dictionary<,>).MakeGenericType(key, value)) ? value : null;

    private static Type? ListItemType(Type type) =>
        type.IsArray ? type.GetElementType()
        : type.IsGenericType && type.GetGenericArguments() is [var item] && type.IsAssignableFrom(typeof(List<>).MakeGenericType(item)) ? item
        : null;
}
