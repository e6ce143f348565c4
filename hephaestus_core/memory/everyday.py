"""Words that stand in the text of any task, so that having them in common says little."""

from typing import Final

EVERYDAY: Final = (
    "add fix write use user run show test page one take create make file error message set time "
    "send report two every keep start code list change read get build request new delete remove "
    "update find check move implement improve support allow let give need work without first last "
    "next after before second minute hour day week month year name number value line text title "
    "button screen view option default limit result answer return call function method class "
    "module package service server client app application system tool script command document "
    "documentation describe explain print display open close click press fail failure bug problem "
    "issue cause reason reproduce repair mend handle prevent avoid ensure sure several many more "
    "most less least old good bad better wrong right whole all each per only instead also still "
    "never always sometimes often ever now today yesterday customer people person developer "
    "engineer team data item entry field table row column type kind version date format size key "
    "id url link path folder directory log level config setting small large big short long high "
    "low slow fast quick three four five ten times like want must should may can could would "
    "please look seem happen become bring put turn end stop begin done ready available possible "
    "part way thing place point case example different same other another own such side top "
    "bottom left back full empty simple replace rename rewrite extend restructure refactor clean "
    "tidy introduce provide include contain accept receive store save load member feature current "
    "currently existing missing public private main local ask complain tell notice suggest"
)
